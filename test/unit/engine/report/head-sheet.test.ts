/** The sheet of heads: what stands on it, where it comes from, and that nothing from outside becomes markup. */
import { join } from 'node:path'
import { Window } from 'happy-dom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { saveCorrelations, saveKeptDirections } from '../../../../src/engine/store/index.ts'
import { addModel, addTextSpan, labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

/** Markup that would do something if it came through anywhere, with a mark of where it is from. */
const evil = (from: string) => `</style></title>"'><script>alert('${from}')</script><img src=x onerror=alert(1)>`

let place: Place
let workspace: LabelWorkspace
let modelId: number
const webp = Uint8Array.from([82, 73, 70, 70, 1, 2, 3])
const head = { layer: 5, head: 2 }
beforeEach(() => {
  place = temporaryFolder()
  workspace = labelWorkspace(join(place.folder, 'a.headwise'), new Map([[1, webp]]))
})
afterEach(() => {
  workspace.close()
  place.remove()
})

const strip = (direction: string, ordinals: number[]) => {
  const images = ordinals.map((ordinal) => ({ ordinal, score: 0.25 - ordinal }))
  return {
    direction,
    highest: images,
    lowest: images.toReversed(),
    images: 2,
    mean: 0.125,
    standardDeviation: 0.5,
    share: 0.31,
    histogram: { from: 0, to: 1, counts: new Int32Array(2) },
  }
}

/** A workspace whose every name and text is markup. */
function hostileWorkspace(): number {
  modelId = addModel(workspace.db, { name: evil('model') })
  const textSpanId = addTextSpan(workspace.db, modelId, {
    pool: evil('pool'),
    dataSet: evil('data set'),
    paths: [`${evil('path')}.jpg`, `${evil('missing')}.jpg`],
    texts: [
      { text: evil('text'), role: 'place; weather', afterHeads: ['L5.H2'] },
      { text: 'a second', role: evil('tag'), afterHeads: ['L5.H3'] },
      { text: 'a third', role: null },
    ],
    heads: [
      {
        ...head,
        steps: [
          { text: evil('text'), explained: 0.5 },
          { text: 'a second', explained: 0.625, margin: 0.0004 },
          { text: 'a third', explained: 0.75 },
        ],
      },
      { layer: 5, head: 3, steps: [] },
    ],
  })
  workspace.db.prepare('UPDATE text_span SET filter = ?').run(JSON.stringify({ split: evil('split') }))
  saveKeptDirections(workspace.db, textSpanId, 5, [{ head: 2, directions: [strip('text:0', [0, 1])] }])
  return textSpanId
}

const sheetOf = async (textSpanId: number, heads = [head]) => {
  const { fileName, html } = await workspace.client['report/head-sheet']({ textSpanId, heads })
  const { document } = new Window({ settings: { disableJavaScriptEvaluation: true } })
  document.write(html)
  return { fileName, html, document }
}
type Sheet = Awaited<ReturnType<typeof sheetOf>>
const textOf = (node: { textContent: string } | null) => node!.textContent.replace(/\s+/g, ' ').trim()
const section = ({ document }: Sheet, title: string) =>
  [...document.querySelectorAll('h3')].find((heading) => heading.textContent === title)!.parentElement
const provenance = ({ document }: Sheet) =>
  Object.fromEntries(
    [...document.querySelectorAll('dt')].map((term) => [term.textContent, textOf(term.nextElementSibling)]),
  )

describe('a head sheet', () => {
  it('lets no markup of names, texts, tags, paths, notes or filters through', async () => {
    const textSpanId = hostileWorkspace()
    const { client } = workspace
    await client['role/add']({
      name: `r${evil('')}`.slice(0, 60),
      color: '#123abc',
      letter: '<',
      description: evil(''),
    })
    await client['label/set']({
      modelId,
      annotator: '<script>alert(2)</script>',
      heads: [head],
      change: { roleId: 13, note: evil('note') },
      textSpanId,
    })
    const sheet = await sheetOf(textSpanId)
    const { document, html } = sheet
    expect(document.querySelectorAll('script, iframe, object, link, a, form, [onerror], [onclick]')).toHaveLength(0)
    expect(html).not.toMatch(/<script|<img src=x/i)
    expect([...document.querySelectorAll('img')].map(({ src }) => src.slice(0, 23))).toEqual(
      Array(2).fill('data:image/webp;base64,'),
    )
    // All of it is there as text.
    const shown = document.body.textContent
    for (const from of ['model', 'pool', 'data set', 'text', 'tag', 'note', 'split', 'missing']) {
      expect(shown).toContain(evil(from))
    }
    expect(shown).toContain('<script>alert(2)</script>')
    expect(document.querySelector('img')!.getAttribute('alt')).toBe(`${evil('path')}.jpg`)
    expect(document.title).toBe(`L5.H2 of ${evil('model')}`)
    expect(sheet.fileName).toMatch(/^[A-Za-z0-9.-]+-L5\.H2-result-1\.html$/)
  })

  it('needs nothing from outside, and says so to browsers', async () => {
    const { html, document } = await sheetOf(hostileWorkspace())
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')!
    expect(policy.getAttribute('content')).toBe("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    const withoutPictures = html.replaceAll(/src="data:image\/webp;base64,[\w+/=]*"/g, '')
    expect(withoutPictures).not.toMatch(/(src|href)="|url\(|@import|https?:/)
  })

  it('shows texts with what each adds, its tags, its margin, and whether it was written after looking', async () => {
    const { document } = await sheetOf(hostileWorkspace())
    const rows = [...document.querySelectorAll('.columns > div:first-child tbody tr')]
    expect(rows.map((row) => [...row.querySelectorAll('td.number')].map(({ textContent }) => textContent))).toEqual([
      ['1', '50 %', '50 %', '50 %'],
      ['2', '13 %', '63 %', '< 0.1 %'],
      ['3', '13 %', '75 %', '50 %'],
    ])
    expect(rows.map((row) => row.querySelector('abbr') !== null)).toEqual([true, false, false])
    expect(textOf(rows[0]!.querySelector('.tags'))).toBe('place; weather')
    const curve = document.querySelector('svg.curve')!
    expect(curve.getAttribute('aria-label')).toBe('share of variance explained by the first texts, 75 % by all')
    expect(curve.querySelector('polyline')!.getAttribute('points')!.split(' ')).toHaveLength(4)
    expect(textOf(document.querySelector('.figures'))).toBe(
      '75 % of the variance explained by 3 texts · variance 0.0123 · rank 7',
    )
  })

  it('shows evidence, images and twins, and says what is not there', async () => {
    const textSpanId = hostileWorkspace()
    const sheet = await sheetOf(textSpanId)
    const evidence = [...section(sheet, 'Evidence by role tags')!.querySelectorAll('tr')].map(textOf)
    expect(evidence[0]).toBe('Pplace 25 %')
    expect(evidence.slice(-2)).toEqual(['texts without tag 13 %', 'not explained 25 %'])
    const strips = section(sheet, 'Images along the first texts')!
    expect(textOf(strips)).toContain('31 % of the variance along it alone; score 0.125 ± 0.500 over 2 images')
    const captions = [...strips.querySelectorAll('figcaption')].map(textOf)
    expect(captions[0]).toMatch(/^0\.250label of /)
    expect([...strips.querySelectorAll('.gone')].map(textOf)).toEqual(['not there', 'not there'])
    expect(textOf(section(sheet, 'Heads with the same output'))).toContain(
      'Correlations of heads were not worked out for this run.',
    )
    expect(textOf(section(sheet, 'History of labels'))).toContain('Nobody labelled this head yet.')

    const correlations = new Float32Array(72 * 72).fill(0.2)
    correlations[62 * 72 + 62] = 1
    correlations[62 * 72 + 15] = 0.91
    correlations[62 * 72 + 71] = 0.984
    saveCorrelations(workspace.db, 1, { images: 512, correlations })
    const [first, other] = [await sheetOf(textSpanId), await sheetOf(textSpanId, [{ layer: 5, head: 3 }])]
    expect(textOf(section(first, 'Heads with the same output'))).toContain(
      'L5.H11 (0.98), L1.H3 (0.91): correlation of the outputs over 512 images.',
    )
    expect(textOf(section(other, 'Heads with the same output'))).toContain(
      'No head correlates above 0.9 with this one (over 512 images).',
    )
    expect(textOf(section(other, 'Images along the first texts'))).toContain('No images are kept for this head.')
  })

  it('has the labels of now with colour and letter, and their whole history', async () => {
    const textSpanId = hostileWorkspace()
    const { client, clock } = workspace
    const set = (annotator: string, change: object) => {
      clock.nowMs += 60_000
      return client['label/set']({ modelId, annotator, heads: [head], change, textSpanId })
    }
    await set('Ann', { roleId: 1, confidence: 3 })
    await set('Ann', { state: 'reviewed', note: 'two\nlines' })
    await set('Ben', { roleId: 3 })
    await client['label/undo']({ modelId, annotator: 'Ben' })
    const { document } = await sheetOf(textSpanId)
    expect([...document.querySelectorAll('.title .label')].map(textOf)).toEqual(['Pplacesure, reviewed (Ann)'])
    expect(document.querySelector('.title .role b')!.getAttribute('style')).toBe('background: #0072b2; color: #ffffff')
    const history = [...document.querySelectorAll('section.head > div:last-child tbody tr')]
    expect(history.map((row) => [...row.querySelectorAll('td')].slice(1, 4).map(textOf))).toEqual([
      ['Ben', 'undo', 'no role, open'],
      ['Ben', 'set', 'color, draft'],
      ['Ann', 'set', 'place, sure, reviewedtwo lines'],
      ['Ann', 'set', 'place, sure, draft'],
    ])
    expect(textOf(history[3]!.querySelector('td'))).toBe('1970-01-01 00:01:01 UTC')
    expect(history[3]!.lastElementChild!.textContent).toContain(' 1 (bbbbbbbbbbbb)')
  })

  it('calls the pool behind a preview a draft: the number of its version may be another one’s by now', async () => {
    const textSpanId = hostileWorkspace()
    workspace.db.exec(`INSERT INTO proposal (text_span_id, pool_id, annotator, pool_version_id, is_own_version)
      SELECT id, 1, 'Ann', pool_version_id, 1 FROM text_span`)
    const change = { roleId: 1 }
    await workspace.client['label/set']({ modelId, annotator: 'Ann', heads: [head], change, textSpanId })
    workspace.db.exec('DELETE FROM proposal')
    await workspace.client['label/set']({
      modelId,
      annotator: 'Ann',
      heads: [head],
      change: { roleId: 2 },
      textSpanId,
    })
    const { document } = await sheetOf(textSpanId)
    const rows = [...document.querySelectorAll('section.head > div:last-child tbody tr')]
    expect(rows.map((row) => textOf(row.lastElementChild))).toEqual([
      expect.stringMatching(/ 1 \(bbbbbbbbbbbb\)$/),
      expect.stringMatching(/ draft \(bbbbbbbbbbbb\)$/),
    ])
  })

  it('ends in where all of it comes from', async () => {
    const textSpanId = hostileWorkspace()
    workspace.db.exec(
      "UPDATE model SET name = 'vit'; UPDATE pool SET name = 'words'; UPDATE data_set SET name = 'birds'",
    )
    workspace.db.prepare('UPDATE text_span SET filter = ?').run('{"split":"test"}')
    workspace.clock.nowMs = Date.UTC(2026, 0, 31, 12, 4)
    const sheet = await sheetOf(textSpanId, [head, { layer: 5, head: 3 }, head])
    expect(sheet.fileName).toBe('vit-2-heads-result-1.html')
    expect(sheet.document.querySelectorAll('section.head')).toHaveLength(2)
    expect(provenance(sheet)).toEqual({
      checkpoint: `vit${'a'.repeat(64)}`,
      'data set': `birds, 2 images${'b'.repeat(64)}`,
      images: '2: split = test',
      run: '1: 2 of 2 images, 0 left out; stored as float16, computed by cpu, Headwise test, 1970-01-01 00:00:00 UTC00000000-0000-4000-8000-00000000000b',
      certificate: 'exact: terms miss the representation by 3.00e-7 as computed, 2.00e-4 as stored (tolerance 1.00e-5)',
      pool: `words, version 1, 3 texts${'b'.repeat(64)}`,
      TEXTSPAN: 'result 1: last 4 layers, 20 texts a head, rank at most 80; Headwise test, 1970-01-01 00:00:00 UTC',
      'this sheet': 'Headwise test, 2026-01-31 12:04:00 UTC',
    })
  })

  it('is of heads that the model has and the result describes', async () => {
    const textSpanId = hostileWorkspace()
    await expect(sheetOf(textSpanId, [{ layer: 5, head: 12 }])).rejects.toThrow(
      'Head 12 does not exist in layer 5; heads run from 0 to 11.',
    )
    await expect(sheetOf(textSpanId, [{ layer: 1, head: 0 }])).rejects.toThrow(
      'TEXTSPAN result 1 must describe L1.H0; it describes layers 5 to 5.',
    )
    await expect(sheetOf(9)).rejects.toThrow('There is no TEXTSPAN result 9 in this workspace.')
  })
})
