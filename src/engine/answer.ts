/** The one door into the engine: every shell hands what came from outside to `answer` and sends back what it returns. */
import { type CallName, calls, type Engine, HeadwiseError, type Reply } from '../contract/index.ts'

/**
 * Parses the input, runs the call, and turns a thrown error into a reply. Never throws.
 * @param engine may lack calls, as the command line's lacks those about windows
 * @param onError sees what went wrong with its cause and the call's name, for the log
 */
export async function answer(
  engine: Partial<Engine>,
  name: string,
  raw: unknown,
  onError: (name: string, error: unknown) => void = () => {},
): Promise<Reply> {
  // hasOwn, so that "toString" is no call.
  if (!Object.hasOwn(calls, name)) return { ok: false, code: 'bad-input', message: `There is no call "${name}".` }
  const callName = name as CallName
  const handler = engine[callName] as ((input: unknown) => Promise<unknown>) | undefined
  if (!handler) return { ok: false, code: 'bad-input', message: `"${name}" is not answered here.` }
  const parsed = calls[callName].input.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    const where = issue.path.length > 0 ? ` at "${issue.path.join('.')}"` : ''
    return { ok: false, code: 'bad-input', message: `"${name}" got input that does not fit${where}: ${issue.message}.` }
  }
  try {
    return { ok: true, value: await handler(parsed.data) }
  } catch (error) {
    onError(name, error)
    if (error instanceof HeadwiseError) return { ok: false, code: error.code, message: error.message }
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, code: 'internal', message: `"${name}" failed: ${message}` }
  }
}
