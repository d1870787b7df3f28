/** What a key does in the pool's table while no cell is being edited. */
export type GridStep =
  | { kind: 'row'; at: number; isExtending: boolean }
  | { kind: 'column'; by: 1 | -1; mayLeave: boolean }
  | { kind: 'edit' }
  | { kind: 'type'; typed: string }
  | { kind: 'remove' }
  | { kind: 'new' }
  | { kind: 'all' }

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

/**
 * @param at the focused row, -1 for none
 * @param page rows of the window
 * @returns undefined for keys that are not the table's
 */
export function gridStep(
  event: Key,
  { at, rows, page }: { at: number; rows: number; page: number },
): GridStep | undefined {
  const { key, shiftKey: isExtending, altKey } = event
  const isMod = event.ctrlKey || event.metaKey
  if (altKey) return undefined
  const row = (to: number): GridStep => ({ kind: 'row', at: Math.max(0, Math.min(rows - 1, to)), isExtending })
  switch (key) {
    case 'ArrowDown':
      return row(isMod ? rows - 1 : at + 1)
    case 'ArrowUp':
      return row(isMod ? 0 : at - 1)
    case 'PageDown':
      return row(at + page)
    case 'PageUp':
      return row(at - page)
    case 'Home':
      return row(0)
    case 'End':
      return row(rows - 1)
    case 'ArrowRight':
      return { kind: 'column', by: 1, mayLeave: false }
    case 'ArrowLeft':
      return { kind: 'column', by: -1, mayLeave: false }
    case 'Tab':
      // At the edge Tab goes on to what follows the table, so that nobody is caught in it.
      return { kind: 'column', by: isExtending ? -1 : 1, mayLeave: true }
    case 'F2':
      return { kind: 'edit' }
    case 'Enter':
      return isMod ? undefined : { kind: 'edit' }
    case 'Delete':
    case 'Backspace':
      return { kind: 'remove' }
    case 'Insert':
      return { kind: 'new' }
  }
  if (isMod) return key.toLowerCase() === 'a' ? { kind: 'all' } : undefined
  // An input method begins with "Process"; what it writes lands in the field.
  if (key === 'Process') return { kind: 'type', typed: '' }
  return [...key].length === 1 ? { kind: 'type', typed: key } : undefined
}
