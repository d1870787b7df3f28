/** What the person at the page did, and is told there. */
const answeredCodes = ['bad-input', 'not-found', 'ambiguous', 'conflict', 'cancelled', 'no-workspace']

/** A failure with its call and its cause, for the person who looks after the server. */
export function logFailure(name: string, error: unknown): void {
  const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown }
  if (code !== undefined && answeredCodes.includes(code)) return
  process.stderr.write(
    `${name}: ${code ?? 'internal'}: ${message ?? String(error)}${cause ? ` (${String(cause)})` : ''}\n`,
  )
}
