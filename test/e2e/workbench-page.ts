/** The workbench as a person sees it, so that stories do not know about markup. */
import type { Locator, Page } from 'playwright-core'

export type PlaceName = 'Data' | 'Heads' | 'Pools' | 'Segments' | 'Jobs'

export class WorkbenchPage {
  readonly page: Page
  /** what went wrong in the page: exceptions, and console errors such as a refused resource */
  readonly failures: string[] = []

  constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.failures.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.failures.push(message.text())
    })
  }

  /** Opens the link; a workspace shows its places, else the start screen is there. */
  async open(link: string): Promise<void> {
    await this.page.goto(link)
    await this.places
      .or(this.page.getByRole('heading', { name: 'Headwise', level: 1 }))
      .first()
      .waitFor()
  }

  get places(): Locator {
    return this.page.getByRole('navigation', { name: 'Places' })
  }

  async goTo(place: PlaceName): Promise<void> {
    await this.places.getByRole('link', { name: place }).click()
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** Runs a command by its name in the palette. */
  async command(words: string): Promise<void> {
    await this.press('Control+k')
    const field = this.page.getByPlaceholder('A command, a place, a pool')
    await field.fill(words)
    await this.page.getByRole('option').first().waitFor()
    await this.press('Enter')
    await field.waitFor({ state: 'detached' })
  }

  get connectionNote(): Locator {
    return this.page.getByText('The engine stopped and is being started again.')
  }
}
