/** Labels and changes of labels in words. */
import type { HeadPlace } from '../../contract/head.ts'
import type { Role } from '../../contract/role.ts'
import type { LabelContent } from './content.ts'

export type RoleNames = ReadonlyMap<number, string>

const confidenceWords = ['guess', 'likely', 'sure']
const longestNote = 60

export function roleNames(roles: Role[]): RoleNames {
  return new Map(roles.map(({ id, name }) => [id, name]))
}

/** "L5.H2": layer 5, head 2, from 0. */
export function headName({ layer, head }: HeadPlace): string {
  return `L${layer}.H${head}`
}

/** 1 guess, 2 likely, 3 sure */
export function confidenceWord(confidence: number): string {
  return confidenceWords[confidence - 1]!
}

/** "place, sure, reviewed"; a note is shown by its beginning. */
export function labelSentence(content: LabelContent, names: RoleNames): string {
  return sentenceOf({ ...content, role: content.roleId === null ? null : names.get(content.roleId)! })
}

/** The same for a label that names its role. */
export function sentenceOf({ role, confidence, state, note }: Omit<LabelContent, 'roleId'> & { role: string | null }) {
  const parts = [role ?? 'no role']
  if (confidence !== null) parts.push(confidenceWord(confidence))
  parts.push(state)
  if (note !== '') parts.push(`note "${shortened(note)}"`)
  return parts.join(', ')
}

function shortened(note: string): string {
  const line = note.replace(/\s+/g, ' ').trim()
  return line.length <= longestNote ? line : `${line.slice(0, longestNote - 3)}...`
}

export type Step = HeadPlace & { before: LabelContent; after: LabelContent }

/** What one action did, for people: "L5.H2: role place", "3 heads: reviewed", "L5.H2: restore place, draft". */
export function actionSentence(kind: 'set' | 'restore' | 'import', steps: Step[], names: RoleNames): string {
  const place = steps.length === 1 ? headName(steps[0]!) : `${steps.length} heads`
  if (kind === 'restore') return `${place}: restore ${labelSentence(steps[0]!.after, names)}`
  if (kind === 'import') return `${place}: import`
  return `${place}: ${changedParts(steps, names).join(', ')}`
}

/** What is other after the steps, in any of them. All steps of a change end alike in what the change names. */
function changedParts(steps: Step[], names: RoleNames): string[] {
  const differs = (part: keyof LabelContent) => steps.find(({ before, after }) => before[part] !== after[part])?.after
  const [role, confidence, note] = [differs('roleId'), differs('confidence'), differs('note')]
  const state = steps.find((step) => step.before.state !== step.after.state && !goesByItself(step))?.after
  const parts: string[] = []
  if (role) parts.push(role.roleId === null ? 'no role' : `role ${names.get(role.roleId)}`)
  if (confidence) parts.push(confidence.confidence === null ? 'no confidence' : confidenceWord(confidence.confidence))
  if (state) parts.push(state.state)
  if (note) parts.push(note.note === '' ? 'no note' : 'note')
  return parts
}

/** Between open and draft a label goes by itself when something is said or taken back. */
function goesByItself({ before, after }: Step): boolean {
  const isOther = before.roleId !== after.roleId || before.confidence !== after.confidence || before.note !== after.note
  const states = [before.state, after.state]
  return isOther && states.includes('open') && states.includes('draft')
}
