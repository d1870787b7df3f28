/**
 * Commands of what is on the screen: the palette lists them, the shortcuts sheet shows their keys, and one listener
 * of the window runs them. A command lives as long as the component that declares it; the newest with a key wins.
 */
import { onScopeDispose, shallowRef } from 'vue'

export type Command = {
  /** for people, in the imperative: "Mark as reviewed" */
  title: string
  /** the heading in the palette and the sheet, such as the place */
  group: string
  /** "r", "Shift+U", "Mod+K" (Ctrl, or Cmd on macOS), "ArrowLeft"; several with a space between are alternatives */
  keys?: string
  run: () => void
  /** left out of palette and keys while it says false */
  isOn?: () => boolean
  /** found and shown, but without a line in the shortcuts sheet */
  isMinor?: boolean
}

const registered = shallowRef<Command[]>([])

export function useCommands(commands: Command[]): void {
  registered.value = [...registered.value, ...commands]
  onScopeDispose(() => {
    registered.value = registered.value.filter((command) => !commands.includes(command))
  })
}

export function activeCommands(): Command[] {
  return registered.value.filter(({ isOn }) => isOn?.() ?? true)
}

const isMac = navigator.platform.startsWith('Mac')

/** "Mod+Shift+P" of a key event; letters in lower case without Shift, as they are typed. */
function nameOf(event: KeyboardEvent): string {
  const isLetter = /^[a-z]$/i.test(event.key)
  const mod = isMac ? event.metaKey : event.ctrlKey
  const parts = [mod && 'Mod', event.altKey && 'Alt', event.shiftKey && (isLetter || event.key.length > 1) && 'Shift']
  return [...parts.filter((part) => part !== false), isLetter ? event.key.toLowerCase() : event.key].join('+')
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  return (
    target.closest(
      'textarea, select, [contenteditable="true"], input:not([type="checkbox"], [type="radio"], [type="range"])',
    ) !== null
  )
}

/** Arrows and their kin move a slider that has the focus. */
function isSliding(event: KeyboardEvent): boolean {
  return (
    /^(Arrow|Page|Home|End)/.test(event.key) && (event.target as HTMLElement).closest('input[type="range"]') !== null
  )
}

/** To be called once, by the frame. */
export function listenForKeys(): void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const name = nameOf(event)
    // Behind a dialog nothing is done, whatever the keys.
    if (document.querySelector('.dialog') !== null) return
    const isBare = !name.startsWith('Mod')
    if (
      isBare &&
      (isTyping(event) || isSliding(event) || document.querySelector('[role="dialog"], [role="menu"]') !== null)
    )
      return
    const found = commandOf(name) ?? commandOf(digitOf(event))
    if (!found) return
    event.preventDefault()
    found.run()
  }
  window.addEventListener('keydown', listen)
  onScopeDispose(() => window.removeEventListener('keydown', listen))
}

function commandOf(name: string | undefined): Command | undefined {
  return name === undefined
    ? undefined
    : activeCommands().findLast(({ keys }) => keys?.split(' ').some((key) => sameKey(key, name)))
}

/** "Shift+1" and "1" by where the key is, since what it types with Shift differs from keyboard to keyboard. */
function digitOf(event: KeyboardEvent): string | undefined {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1]
  if (digit === undefined || event.ctrlKey || event.metaKey || event.altKey) return undefined
  return event.shiftKey ? `Shift+${digit}` : digit
}

function sameKey(declared: string, name: string): boolean {
  const parts = declared.split('+')
  const last = parts.pop() || '+'
  return [...parts, /^[A-Z]$/.test(last) ? last.toLowerCase() : last].join('+') === name
}

/** As people read it: "Ctrl K", "⇧ U", "←". */
export function shownKeys(keys: string): string[] {
  const names: Record<string, string> = {
    Mod: isMac ? '⌘' : 'Ctrl',
    Shift: '⇧',
    Alt: isMac ? '⌥' : 'Alt',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
    Escape: 'Esc',
    ' ': 'Space',
  }
  return keys.split(' ').map((key) =>
    key
      .split('+')
      .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
      .join(' '),
  )
}
