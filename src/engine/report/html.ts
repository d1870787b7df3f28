/** HTML put together so that nothing from outside can become markup: what is not `Html` already is escaped. */

export class Html {
  readonly markup: string

  /** @param markup trusted as it is; `html` is the way to make it */
  constructor(markup: string) {
    this.markup = markup
  }
}

export const noHtml = new Html('')

type Part = string | number | Html | Html[]

/** A template whose strings and numbers are escaped, in text and in quoted attributes alike. */
export function html(pieces: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(pieces.reduce((sum, piece, at) => sum + markupOf(parts[at - 1]!) + piece))
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup
  if (Array.isArray(part)) return part.map(({ markup }) => markup).join('')
  return escaped(String(part))
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Lone surrogates and control characters, which HTML does not allow, become U+FFFD. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character]!)
}
