/**
 * The sheet of one or more heads as one HTML file: no script, no link to anything outside, pictures in it. A policy in
 * the file says so to browsers too.
 */
import { headName, roleNames } from '../label/index.ts'
import { headSection } from './head-section.ts'
import { Html, html, noHtml } from './html.ts'
import type { Sheet } from './sheet.ts'
import { sheetStyle } from './style.ts'
import { digits, filterSentence, utcTime } from './words.ts'

export function headSheet(sheet: Sheet): string {
  const { run, textSpan, heads, roles } = sheet
  const what = heads.length === 1 ? headName(heads[0]!) : `${heads.length} heads`
  const known = { byId: new Map(roles.map((role) => [role.id, role])), names: roleNames(roles) }
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Headwise ${sheet.programVersion}" />
        <title>${what} of ${run.modelName}</title>
        <style>
          ${new Html(sheetStyle)}
        </style>
      </head>
      <body>
        <header class="sheet">
          <h1>${what} of <span class="said">${run.modelName}</span></h1>
          <p class="quiet small">
            described by <span class="said">${textSpan.poolName} ${textSpan.poolVersion}</span> on
            <span class="said">${run.dataSetName}</span>
          </p>
        </header>
        ${heads.map((head) => headSection(head, sheet, known))}
        <footer>
          <h3>Where this comes from</h3>
          ${provenance(sheet)}
        </footer>
      </body>
    </html> `.markup
}

function provenance({ run, textSpan, dataSet, poolTexts, programVersion, madeMs }: Sheet): Html {
  const row = (name: string, words: string, hash?: string) =>
    html`<dt>${name}</dt>
      <dd>
        <span class="said">${words}</span>${hash === undefined ? noHtml : html`<br /><span class="mono">${hash}</span>`}
      </dd>`
  const { layers, texts, rank, filter, images } = textSpan
  const proposed = textSpan.isProposed ? " (a preview of the pool's draft, not kept)" : ''
  return html`<dl>
    ${row('checkpoint', run.modelName, run.modelHash)}
    ${row('data set', `${dataSet.name}, ${dataSet.imageCount} images`, dataSet.hash)}
    ${row('images', `${images}: ${filterSentence(filter)}`)}
    ${row('run', `${run.id}: ${run.images} of ${run.total} images, ${run.skipped} left out; stored as ${run.store}, computed by ${run.provider}, Headwise ${run.programVersion}, ${utcTime(run.createdMs)}`, run.key)}
    ${row('certificate', certificateSentence(run.certificate))}
    ${row('pool', `${textSpan.poolName}, version ${textSpan.poolVersion}, ${poolTexts} texts${proposed}`, textSpan.poolHash)}
    ${row('TEXTSPAN', `result ${textSpan.id}: last ${layers} layers, ${texts} texts a head, rank at most ${rank}; Headwise ${textSpan.programVersion}, ${utcTime(textSpan.createdMs)}`)}
    ${row('this sheet', `Headwise ${programVersion}, ${utcTime(madeMs)}`)}
  </dl>`
}

function certificateSentence(certificate: Sheet['run']['certificate']): string {
  if (certificate === null) return 'none'
  const { computedError, storedError, tolerance, isExact } = certificate
  const verdict = isExact ? 'exact' : 'not exact'
  return `${verdict}: terms miss the representation by ${digits(computedError)} as computed, ${digits(storedError)} as stored (tolerance ${digits(tolerance)})`
}

/** "sample-L5.H2-result-3.html"; letters, digits, dots and dashes only, so that every file system takes it. */
export function sheetFileName({ run, textSpan, heads }: Sheet): string {
  const what = heads.length === 1 ? headName(heads[0]!) : `${heads.length}-heads`
  const model = run.modelName
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60)
  return `${model === '' ? 'model' : model}-${what}-result-${textSpan.id}.html`
}
