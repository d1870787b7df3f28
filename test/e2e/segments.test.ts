/** Masks against ground truth in a real browser: the sample evaluated on the screen, and its worst image looked at. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine } from '../support/sample.ts'
import { type ServedWorkspace, servedWorkspace } from '../support/served-workspace.ts'
import { SegmentsPage } from './segments-page.ts'
import { WorkbenchPage } from './workbench-page.ts'

const methods = ['Decomposition', 'Raw attention', 'Attention rollout', 'GradCAM', 'Gradient × attention']

let place: Place
let served: ServedWorkspace
let browser: Browser
let context: BrowserContext
let workbench: WorkbenchPage
let segments: SegmentsPage

beforeAll(async () => {
  place = temporaryFolder()
  const path = join(place.folder, 'masks.headwise')
  const engine = await testEngine(path, place.cacheFolder)
  await engine.client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
  await engine.finish(engine.client['data-set/add']({ path: join(sampleFolder, 'segmentation.mat') }))
  await engine.close()
  served = await servedWorkspace(path, place.folder)
  browser = await launchBrowser()
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  workbench = new WorkbenchPage(await context.newPage())
  segments = new SegmentsPage(workbench)
  await workbench.open(served.link)
})

afterAll(async () => {
  await browser?.close()
  await served?.close()
  place?.remove()
})

describe('evaluating the sample', () => {
  it('asks for classes, methods and a protocol, and says what is missing', async () => {
    await segments.open()
    expect(await segments.setup.getByText('100 masks').innerText()).toBe('100 masks')
    await segments.setup.getByText('At least 2 classes are needed; there are none.').waitFor()
    expect(await segments.setup.getByRole('button', { name: /^Evaluate/ }).isDisabled()).toBe(true)
  })

  it('reaches the known scores with all five methods', async () => {
    const { objects, templates } = JSON.parse(readFileSync(join(sampleFolder, 'classes.json'), 'utf8')) as {
      objects: string[]
      templates: string[]
    }
    const classFile = join(place.folder, 'objects.txt')
    writeFileSync(classFile, objects.join('\n'))
    await segments.evaluate({ dataSet: 'segmentation', classFile, templates, methods })
    await expect.poll(() => segments.row('of 100').count(), { timeout: 120_000 }).toBe(0)
    await expect.poll(async () => (await segments.table.getByRole('row').count()) - 1).toBe(5)
    // golden/segmentation.json: pixel_accuracy, mean_iou and mean_ap of the reference implementation.
    await expect
      .poll(() => segments.scores('Decomposition'), { timeout: 60_000 })
      .toEqual({ accuracy: '0.810', iou: '0.531', ap: '0.881' })
    expect(await segments.scores('Attention rollout')).toEqual({ accuracy: '0.861', iou: '0.646', ap: '0.990' })
    expect(await segments.scores('Raw attention')).toEqual({ accuracy: '0.701', iou: '0.411', ap: '0.865' })
    expect(await segments.scores('GradCAM')).toEqual({ accuracy: '0.738', iou: '0.413', ap: '0.788' })
    expect(await segments.scores('Gradient × attention')).toEqual({ accuracy: '0.893', iou: '0.689', ap: '0.979' })
  })

  it('names method and protocol of what is on the screen', async () => {
    await segments.lookAt('Decomposition')
    await workbench.page.getByRole('heading', { name: 'Decomposition, as published' }).waitFor()
    expect(await segments.row('Decomposition').getAttribute('aria-selected')).toBe('true')
  })
})

describe('the worst image', () => {
  let worst: string

  it('comes first', async () => {
    const ious = (await segments.cells()).map((words) => Number(/IoU ([\d.]+)/.exec(words)![1]))
    expect(ious.length).toBeGreaterThan(10)
    expect(ious).toEqual(ious.toSorted((a, b) => a - b))
    worst = (await segments.cells())[0]!
  })

  it('opens with the scores that the evaluation gave it', async () => {
    await segments.openFirst()
    const iou = /IoU ([\d.]+)/.exec(worst)![1]
    expect((await segments.live()).IoU).toBe(iou)
    expect(await segments.image.getAttribute('aria-label')).toBe(`Image ${worst.split(',')[0]}`)
  })

  it('is scored anew while the threshold moves, and goes back to the mean of its map', async () => {
    const before = await segments.live()
    await segments.threshold.focus()
    await workbench.press('End')
    // Nothing lies above 1: all background.
    await expect.poll(async () => (await segments.live()).foreground).toBe('0.000')
    await workbench.press('r')
    await expect.poll(() => segments.live()).toEqual(before)
  })

  it('is flagged and noted, and stays so after a reload', async () => {
    await workbench.press('t', 'PageUp')
    await workbench.press('f')
    await workbench.page.getByRole('checkbox', { name: 'missed part' }).waitFor()
    await workbench.press('3')
    await expect.poll(() => segments.flags.allInnerTexts()).toEqual([expect.stringContaining('missed part')])
    await workbench.press('Escape', 'n')
    await workbench.page.keyboard.type('only the edge')
    await workbench.press('Escape')
    await segments.image.getByText('saved', { exact: true }).waitFor()
    const threshold = await segments.threshold.inputValue()
    // The address follows the slider after a pause.
    await workbench.page.waitForURL(/threshold=/)
    await workbench.page.reload()
    await segments.threshold.waitFor()
    await expect.poll(() => segments.flags.allInnerTexts()).toEqual([expect.stringContaining('missed part')])
    expect(await segments.image.getByRole('textbox', { name: /^Note on/ }).inputValue()).toBe('only the edge')
    expect(await segments.threshold.inputValue()).toBe(threshold)
  })

  it('is compared with another method by a key', async () => {
    await segments.threshold.blur()
    const method = segments.image.getByRole('combobox', { name: 'Mask of' })
    await expect.poll(() => method.locator('option:checked').innerText()).toBe('Decomposition, as published')
    await workbench.press('m')
    await expect.poll(() => method.locator('option:checked').innerText()).toBe('Raw attention, as published')
    await workbench.page.waitForURL(/by=/)
  })

  it('is followed by the next of the list', async () => {
    await workbench.press('j')
    await segments.image.getByText('2 of 100').waitFor()
    await workbench.press('k')
    await segments.image.getByText('1 of 100').waitFor()
  })

  it('is found by its flag', async () => {
    await workbench.press('Escape')
    await segments.images.waitFor()
    await workbench.page.getByRole('combobox', { name: 'Flag' }).selectOption('missed part')
    await expect.poll(() => segments.cells()).toEqual([`${worst}, flagged missed part`])
    await workbench.page.getByRole('button', { name: 'Clear', exact: true }).click()
    await expect.poll(async () => (await segments.cells()).length).toBeGreaterThan(10)
  })
})

describe('another method', () => {
  it('has its own images and numbers', async () => {
    await segments.lookAt('Attention rollout')
    await workbench.page.getByRole('heading', { name: 'Attention rollout, as published' }).waitFor()
    expect(await segments.scores('Attention rollout')).toEqual({ accuracy: '0.861', iou: '0.646', ap: '0.990' })
  })

  it('is compared image by image', async () => {
    await segments
      .row('Decomposition')
      .getByRole('button', { name: /^Compare with/ })
      .click()
    await workbench.page.getByRole('combobox', { name: 'Sort by' }).selectOption('difference')
    // The decomposition has the higher IoU on some images only: those come first, and its loss ends with a gain.
    const differences = async () =>
      (await segments.cells()).map((words) => Number(/\(([−+][\d.]+)\)/.exec(words)?.[1]!.replace('−', '-')))
    await expect.poll(async () => (await differences()).length).toBeGreaterThan(10)
    const shown = await differences()
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
    await workbench.page.getByRole('button', { name: 'lowest first' }).click()
    await expect.poll(async () => (await differences())[0]).toBeGreaterThan(0.1)
  })

  it('met no error in the page on the way', () => {
    expect(workbench.failures).toEqual([])
  })
})
