/** How the sheet looks, on paper first: A4 or Letter upright, a head a page where it fits. */
export const sheetStyle = `
@page { margin: 14mm 13mm }
* { box-sizing: border-box }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact }
body { margin: 0 auto; padding: 24px; max-width: 860px; background: #fff; color: #1a1a1a;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums }
h1 { margin: 0; font-size: 21px; font-weight: 600; letter-spacing: -.01em }
h2 { margin: 0; font-size: 24px; font-weight: 650; letter-spacing: -.01em }
h3 { margin: 0 0 5px; padding-bottom: 2px; border-bottom: 1px solid #cfcfcf; font-size: 11px; font-weight: 600;
  letter-spacing: .05em; text-transform: uppercase; color: #555 }
p { margin: 0 }
.quiet { color: #555 }
.small { font-size: 11px }
.mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 11px; overflow-wrap: anywhere }
.said { unicode-bidi: isolate; overflow-wrap: anywhere }
header.sheet { display: flex; justify-content: space-between; gap: 24px; align-items: baseline;
  border-bottom: 2px solid #1a1a1a; padding-bottom: 8px }
.head { padding-top: 20px }
.head + .head { break-before: page; border-top: 1px solid #cfcfcf; margin-top: 28px }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; margin-bottom: 4px }
.figures { margin-bottom: 14px }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 250px; gap: 22px; margin-bottom: 16px }
.block { margin-bottom: 16px; break-inside: avoid }
table { width: 100%; border-collapse: collapse; font-size: 12px }
th { padding: 0 8px 3px 0; text-align: left; font-weight: 500; font-size: 11px; color: #555; vertical-align: bottom }
td { padding: 2px 8px 2px 0; vertical-align: top; border-top: 1px solid #ececec }
td.number, th.number { text-align: right; white-space: nowrap }
td:last-child, th:last-child { padding-right: 0 }
tbody tr:first-child td { border-top-color: #cfcfcf }
tr { break-inside: avoid }
svg { display: inline-block; vertical-align: middle }
.tags { padding-left: 6px; color: #555; font-size: 11px }
.role { display: inline-flex; align-items: center; border: 1px solid; border-radius: 3px; overflow: hidden;
  font-size: 12px; line-height: 18px }
.role b { min-width: 18px; padding: 0 4px; text-align: center; font-weight: 700 }
.role span { padding: 0 6px }
.label { display: inline-flex; align-items: center; gap: 6px; font-size: 12px }
.note { display: block; white-space: pre-wrap }
.strip { display: grid; grid-template-columns: 52px repeat(8, minmax(0, 1fr)); gap: 5px; margin-top: 5px;
  align-items: start }
.strip > p { font-size: 11px; color: #555; padding-top: 2px }
figure { margin: 0 }
figure img, figure .gone { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #f2f2f2;
  border-radius: 2px }
figure .gone { padding: 6px 4px; font-size: 10px; color: #555; text-align: center }
figcaption { font-size: 10px; line-height: 1.3; color: #555; overflow-wrap: anywhere }
footer { margin-top: 28px; padding-top: 10px; border-top: 2px solid #1a1a1a; break-inside: avoid }
dl { display: grid; grid-template-columns: 120px minmax(0, 1fr); gap: 2px 12px; margin: 6px 0 0; font-size: 12px }
dt { color: #555 }
dd { margin: 0; overflow-wrap: anywhere }
@media screen and (max-width: 720px) { .columns { grid-template-columns: minmax(0, 1fr) } }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5px }
  table, .label, .role, dl { font-size: 10px }
  td { padding-top: 1px; padding-bottom: 1px }
  .small, .tags, .mono, th, .strip > p { font-size: 9px }
  figcaption { font-size: 8px }
  .role { line-height: 14px }
  .head { padding-top: 10px }
  .head + .head { border: 0; margin: 0 }
  .block { margin-bottom: 10px }
}
`
