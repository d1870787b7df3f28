/** The workbench as a person sees it, so that stories do not know about markup. */
import type { Locator, Page } from 'playwright-core'

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

  async open(link: string): Promise<void> {
    await this.page.goto(link)
    await this.page.getByRole('navigation', { name: 'Places' }).waitFor()
  }

  async goTo(place: 'Data' | 'Heads' | 'Pools'): Promise<void> {
    await this.page.getByRole('link', { name: place }).click()
  }

  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Heads by layer' })
  }

  /** Walks from the selected head by arrow keys. */
  async walk(...keys: ('ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight')[]): Promise<void> {
    await this.grid.locator('[aria-selected="true"]').focus()
    for (const key of keys) await this.page.keyboard.press(key)
  }

  async selectedHead(): Promise<string> {
    return this.page.getByRole('region', { name: 'Head', exact: true }).getByRole('heading').innerText()
  }

  /** Rows of the head's table: text, what it adds, what is explained so far. */
  async texts(): Promise<{ text: string; adds: string; soFar: string }[]> {
    const rows = await this.page.getByRole('region', { name: 'Head', exact: true }).getByRole('row').all()
    const cells = await Promise.all(rows.slice(1).map((row) => row.getByRole('cell').allInnerTexts()))
    return cells.map(([, text, , adds, soFar]) => ({ text: text!, adds: adds!, soFar: soFar! }))
  }

  async shownThumbnails(): Promise<number> {
    await this.page.locator('.thumbnail img').first().waitFor()
    return this.page.locator('.thumbnail').count()
  }
}
