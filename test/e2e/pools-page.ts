/** The place Pools: the draft, and what its texts would change. */
import type { Locator } from 'playwright-core'
import type { WorkbenchPage } from './workbench-page.ts'

export class PoolsPage {
  readonly #workbench: WorkbenchPage

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench
  }

  get #page() {
    return this.#workbench.page
  }

  get texts(): Locator {
    return this.#page.getByRole('grid', { name: /^Texts of / })
  }

  get proposal(): Locator {
    return this.#page.getByRole('region', { name: 'What these texts would change' })
  }

  async open(): Promise<void> {
    await this.#workbench.goTo('Pools')
    await this.texts.waitFor()
  }

  async add(text: string): Promise<void> {
    const field = this.#page.getByRole('textbox', { name: 'Add a text' })
    await field.fill(text)
    await field.press('Enter')
    await this.texts.getByRole('gridcell', { name: text, exact: true }).waitFor()
  }

  /** Runs the draft's texts and waits for the comparison. */
  async tryTexts(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Try these texts' }).click()
    await this.proposal.getByText(/heads? of \d+ with other texts/).waitFor({ timeout: 60_000 })
  }

  async summary(): Promise<string> {
    return this.proposal.getByText(/heads? of \d+ with other texts/).innerText()
  }

  async keep(): Promise<void> {
    await this.proposal.getByRole('button', { name: /^Keep as version/ }).click()
    await this.proposal.waitFor({ state: 'detached' })
  }

  async find(words: string): Promise<void> {
    await this.#page.getByRole('searchbox', { name: 'Find in texts, tags and sources' }).fill(words)
  }
}
