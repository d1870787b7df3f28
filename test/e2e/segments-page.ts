/** The place Segments: evaluations, their images, and one image large. */
import type { Locator } from 'playwright-core'
import type { WorkbenchPage } from './workbench-page.ts'

export type ShownScores = { accuracy: string; iou: string; ap: string }

export class SegmentsPage {
  readonly #workbench: WorkbenchPage

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench
  }

  get #page() {
    return this.#workbench.page
  }

  get setup(): Locator {
    return this.#page.getByRole('region', { name: 'New evaluation' })
  }

  get table(): Locator {
    return this.#page.getByRole('grid', { name: 'Evaluations' })
  }

  get images(): Locator {
    return this.#page.getByRole('grid', { name: /^Images: / })
  }

  /** the page of one image */
  get image(): Locator {
    return this.#page.getByRole('region', { name: /^Image / })
  }

  get threshold(): Locator {
    return this.image.getByRole('slider', { name: 'Threshold' })
  }

  async open(): Promise<void> {
    await this.#workbench.goTo('Segments')
    await this.setup.or(this.table).first().waitFor()
  }

  /** Fills the form as a person does: classes from a file, templates typed, methods ticked; and waits for the scores. */
  async evaluate(asked: { dataSet: string; classFile: string; templates: string[]; methods: string[] }): Promise<void> {
    const { setup } = this
    const dataSet = setup.getByLabel('Data set')
    const option = dataSet.locator('option', { hasText: asked.dataSet })
    await dataSet.selectOption((await option.getAttribute('value'))!)
    const chooser = this.#page.waitForEvent('filechooser')
    await setup.getByRole('button', { name: 'a file…' }).click()
    await (await chooser).setFiles(asked.classFile)
    await setup.getByLabel(/^Templates/).fill(asked.templates.join('\n'))
    for (const method of asked.methods) await setup.getByRole('checkbox', { name: new RegExp(`^${method}`) }).check()
    await setup.getByRole('button', { name: /^Evaluate: / }).click()
    await this.table.waitFor()
  }

  row(method: string): Locator {
    return this.table.getByRole('row').filter({ hasText: method })
  }

  /** Numbers of a row, without their intervals. */
  async scores(method: string): Promise<ShownScores> {
    const cells = await this.row(method).getByRole('gridcell').allInnerTexts()
    const [accuracy, iou, ap] = cells.slice(7, 10).map((cell) => cell.trim().split('\n')[0]!)
    return { accuracy: accuracy!, iou: iou!, ap: ap! }
  }

  async lookAt(method: string): Promise<void> {
    await this.row(method).getByText(method, { exact: true }).click()
    await this.#page.getByRole('grid', { name: `Images: ${method}, as published` }).waitFor()
    await this.images.getByRole('gridcell').first().waitFor()
  }

  /** What the cells in sight say: path, IoU, class, flags. */
  async cells(): Promise<string[]> {
    const cells = await this.images.getByRole('gridcell').all()
    return Promise.all(cells.map(async (cell) => (await cell.getAttribute('aria-label')) ?? ''))
  }

  async openFirst(): Promise<void> {
    await this.images.getByRole('gridcell').first().click()
    await this.threshold.waitFor()
  }

  /** "pixel accuracy", "IoU", "foreground", "background" at the threshold of the slider */
  async live(): Promise<Record<string, string>> {
    const shown = this.image.getByRole('status', { name: 'Scores at this threshold' })
    const terms = await shown.getByRole('term').allInnerTexts()
    const numbers = await shown.getByRole('definition').allInnerTexts()
    return Object.fromEntries(terms.map((term, at) => [term, numbers[at]!]))
  }

  get flags(): Locator {
    return this.image.getByRole('list', { name: 'Flags of this image' }).getByRole('listitem')
  }
}
