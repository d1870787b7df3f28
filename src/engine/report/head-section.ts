/** One head on the sheet. */
import type { Label } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import { confidenceWord, headName, labelSentence, type RoleNames } from '../label/index.ts'
import type { StoredEdit } from '../store/index.ts'
import { bar, explainedCurve, inkOn } from './figures.ts'
import { type Html, html, noHtml } from './html.ts'
import type { Picture, Sheet, SheetHead, SheetText, Strip } from './sheet.ts'
import { digits, percent, utcTime } from './words.ts'

type Roles = { byId: ReadonlyMap<number, Role>; names: RoleNames }

export function headSection(head: SheetHead, sheet: Sheet, roles: Roles): Html {
  const { described, texts, evidence, strips, labels, history } = head
  return html`<section class="head" id="${headName(head)}">
    <div class="title">
      <h2>${headName(head)}</h2>
      ${labels.map((label) => labelChip(label, roles))}
    </div>
    <p class="figures quiet">${figuresOf(head)}</p>
    <div class="columns">
      <div>
        <h3>Texts</h3>
        ${textTable(texts)}
      </div>
      <div>
        <div class="block">
          <h3>Variance explained</h3>
          ${explainedCurve(described.steps.map(({ explained }) => explained))}
        </div>
        <div class="block">
          <h3>Evidence by role tags</h3>
          ${evidenceTable(evidence, roles)}
        </div>
      </div>
    </div>
    <div class="block">
      <h3>Images along the first texts</h3>
      ${strips.length > 0 ? strips.map(stripRows) : html`<p class="quiet small">No images are kept for this head.</p>`}
    </div>
    <div class="block">
      <h3>Heads with the same output</h3>
      <p class="small">${twinSentence(head, sheet.correlationImages)}</p>
    </div>
    <div>
      <h3>History of labels</h3>
      ${history.length > 0 ? historyTable(history, roles) : html`<p class="quiet small">Nobody labelled this head yet.</p>`}
    </div>
  </section>`
}

function figuresOf({ described, shareOfRun }: SheetHead): string {
  const { steps, rank, variance } = described
  const parts = [
    `${percent(steps.at(-1)?.explained ?? 0)} of the variance explained by ${steps.length} texts`,
    `variance ${digits(variance)}`,
    `rank ${rank}`,
  ]
  if (shareOfRun !== null) parts.splice(2, 0, `${percent(shareOfRun)} of all heads of the run`)
  return parts.join(' \u00b7 ')
}

function labelChip({ roleId, confidence, state, annotator }: Label, { byId }: Roles): Html {
  const words = confidence === null ? state : `${confidenceWord(confidence)}, ${state}`
  const chip = roleId === null ? html`<span class="quiet">no role</span>` : roleChip(byId.get(roleId)!)
  return html`<span class="label"
    >${chip}<span class="quiet">${words} (<span class="said">${annotator}</span>)</span></span
  >`
}

function roleChip({ name, color, letter }: Role): Html {
  return html`<span class="role" style="border-color: ${color}"
    ><b style="background: ${color}; color: ${inkOn(color)}">${letter}</b><span class="said">${name}</span></span
  >`
}

function textTable(texts: SheetText[]): Html {
  const largest = Math.max(0, ...texts.map(({ added }) => added))
  const rows = texts.map(
    ({ text, added, explained, margin, tags, isAfterHead }, at) =>
      html`<tr>
        <td class="number">${at + 1}</td>
        <td>
          <span class="said">${text}</span
          >${isAfterHead ? html` <abbr title="written after looking at this head">†</abbr>` : noHtml}${tags.length > 0 ? html` <span class="tags said">${tags.join('; ')}</span>` : noHtml}
        </td>
        <td>${bar(added, largest)}</td>
        <td class="number">${percent(added)}</td>
        <td class="number">${percent(explained)}</td>
        <td class="number">${percent(margin)}</td>
      </tr>`,
  )
  const after = texts.some(({ isAfterHead }) => isAfterHead)
  return html`<table>
      <thead>
        <tr>
          <th class="number"></th>
          <th>text</th>
          <th></th>
          <th class="number">adds</th>
          <th class="number">together</th>
          <th class="number">margin</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="quiet small">
      Margin: by how much the runner-up's variance lost, as a share of the text's; near 0 the choice is
      unstable.${after ? ' \u2020 written after looking at this head: what it explains here is no independent finding.' : ''}
    </p>`
}

function evidenceTable({ shares, untagged, unexplained }: SheetHead['evidence'], { byId }: Roles): Html {
  const row = (name: Html, share: number, color?: string) =>
    html`<tr>
      <td>${name}</td>
      <td>${bar(share, 1, color)}</td>
      <td class="number">${percent(share)}</td>
    </tr>`
  const tagged = shares.map(({ role, roleId, share }) => {
    const known = roleId === null ? undefined : byId.get(roleId)
    return row(known ? roleChip(known) : html`<span class="said">${role}</span>`, share, known?.color)
  })
  return html`<table>
    <tbody>
      ${tagged}${row(html`<span class="quiet">texts without tag</span>`, untagged, '#9a9a9a')}${row(html`<span class="quiet">not explained</span>`, unexplained, '#c4c4c4')}
    </tbody>
  </table>`
}

function stripRows({ step, text, images, mean, standardDeviation, share, highest, lowest }: Strip): Html {
  return html`<div class="block">
    <p>
      <b>${step + 1}</b> <span class="said">${text}</span>
      <span class="quiet small"
        >${percent(share)} of the variance along it alone; score ${digits(mean)} ± ${digits(standardDeviation)} over
        ${images} images</span
      >
    </p>
    <div class="strip">
      <p>highest</p>
      ${highest.map(figure)}
    </div>
    <div class="strip">
      <p>lowest</p>
      ${lowest.map(figure)}
    </div>
  </div>`
}

function figure({ path, label, score, webp }: Picture): Html {
  const picture = webp
    ? html`<img alt="${path}" title="${path}" src="data:image/webp;base64,${Buffer.from(webp).toString('base64')}" />`
    : html`<div class="gone">not there</div>`
  return html`<figure>
    ${picture}
    <figcaption>
      ${digits(score)}${label === null ? noHtml : html`<br /><span class="said">${label}</span>`}${webp ? noHtml : html`<br /><span class="said">${path}</span>`}
    </figcaption>
  </figure>`
}

function twinSentence({ twins }: SheetHead, images: number | null): string {
  if (twins === null) return 'Correlations of heads were not worked out for this run.'
  if (twins.length === 0) return `No head correlates above 0.9 with this one (over ${images} images).`
  const list = twins.map((twin) => `${headName(twin)} (${twin.correlation.toFixed(2)})`)
  return `${list.join(', ')}: correlation of the outputs over ${images} images.`
}

function historyTable(history: StoredEdit[], { names }: Roles): Html {
  const rows = history.map((edit) => {
    const { annotator, kind, note, pool, madeMs, saidMs } = edit
    const seen = pool ? `${pool.name} ${pool.isProposed ? 'draft' : pool.version} (${pool.hash.slice(0, 12)})` : ''
    return html`<tr>
      <td class="number">
        ${utcTime(madeMs)}${saidMs === null ? noHtml : html`<br /><span class="quiet small">said ${utcTime(saidMs)}</span>`}
      </td>
      <td><span class="said">${annotator}</span></td>
      <td>${kind}</td>
      <td>
        <span class="said">${labelSentence({ ...edit, note: '' }, names)}</span
        >${note === '' ? noHtml : html`<span class="note said">${note}</span>`}
      </td>
      <td class="said small">${seen}</td>
    </tr>`
  })
  return html`<table>
    <thead>
      <tr>
        <th>time</th>
        <th>annotator</th>
        <th>edit</th>
        <th>label</th>
        <th>pool looked at</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}
