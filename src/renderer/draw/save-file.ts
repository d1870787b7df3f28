/** Hands a file to the browser, or to the desktop's save dialog. */
export function saveFile(name: string, content: string | Blob | Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; an earlier end would cancel it in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** "L5.H2: variance explained" -> l5-h2-variance-explained.svg */
export function fileNameOf(title: string, extension: string): string {
  const stem = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
  return `${stem || 'headwise'}.${extension}`
}
