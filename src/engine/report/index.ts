export { gatherSheet, type SheetSource } from './gather.ts'
export { headSheet, sheetFileName } from './head-sheet.ts'
