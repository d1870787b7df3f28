/** The place Heads: grid, head page, label. */
import type { Locator } from 'playwright-core'
import type { WorkbenchPage } from './workbench-page.ts'

export type ShownText = { text: string; adds: string; total: string }

export class HeadsPage {
  readonly #workbench: WorkbenchPage

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench
  }

  get grid(): Locator {
    return this.#workbench.page.getByRole('grid', { name: /^Heads:/ })
  }

  get head(): Locator {
    return this.#workbench.page.getByRole('region', { name: /^Head L/ })
  }

  get label(): Locator {
    return this.#workbench.page.getByRole('region', { name: 'Label' })
  }

  get counts(): Locator {
    return this.#workbench.page.getByRole('status').filter({ hasText: /of \d+ reviewed/ })
  }

  async open(): Promise<void> {
    await this.#workbench.goTo('Heads')
    await this.grid.waitFor()
    await this.head.waitFor()
  }

  cell(name: string): Locator {
    return this.grid.getByRole('gridcell', { name: new RegExp(`^${name.replace('.', '\\.')},`) })
  }

  /** What the cell says: "place, reviewed". */
  async cellWords(name: string): Promise<string> {
    const words = (await this.cell(name).getAttribute('aria-label')) ?? ''
    return words
      .split(', ')
      .slice(1, 3)
      .join(', ')
      .replace(/^role /, '')
  }

  async select(name: string): Promise<void> {
    await this.cell(name).click()
    await this.#workbench.page.getByRole('region', { name: `Head ${name}`, exact: true }).waitFor()
  }

  /** Walks from the selected head by keys. */
  async walk(...keys: string[]): Promise<void> {
    await this.grid.locator('[aria-selected="true"]').first().focus()
    await this.#workbench.press(...keys)
  }

  async selected(): Promise<string> {
    return this.head.getByRole('heading', { level: 1 }).innerText()
  }

  /** Rows of the head's table: text, what it adds, what is explained so far. */
  async texts(): Promise<ShownText[]> {
    const rows = await this.head.getByRole('grid', { name: 'Texts of this head' }).getByRole('row').all()
    const cells = await Promise.all(rows.slice(1).map((row) => row.getByRole('gridcell').allInnerTexts()))
    return cells.map(([, text, adds, total]) => ({
      // The mark of a text that was written after a head was looked at comes when the pool was read.
      text: text!.replace('↺', '').trim(),
      adds: adds!.trim(),
      total: total!.trim(),
    }))
  }

  /** File names of the images at the upper end, highest first. */
  async highestImages(): Promise<string[]> {
    const strip = this.head
      .getByRole('region', { name: 'Highest' })
      .or(this.head.getByRole('list', { name: /Highest/ }))
    await strip.getByRole('img').first().waitFor()
    const images = await strip.getByRole('img').all()
    return Promise.all(images.map(async (image) => (await image.getAttribute('alt')) ?? ''))
  }
}
