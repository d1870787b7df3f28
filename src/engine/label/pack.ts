/** Packs: labels in a file, tied to a checkpoint by its hash and to pools by theirs. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { ImportPreview, LabelPack } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import { nameKey, type PoolSeen, type StoredEdit, type StoredModel } from '../store/index.ts'
import { contentOf, isSameContent, type LabelContent, nothingSaid, saysNothing } from './content.ts'
import { rolesByKey } from './role-names.ts'
import { headName, labelSentence, roleNames, sentenceOf } from './words.ts'

export type PackLabel = LabelPack['labels'][number]
export type PackRole = LabelPack['roles'][number]

/**
 * What is said now, in an order of its own, so that the same labels make the same pack.
 * @param edits the newest of every head and annotator
 */
export function packOf(
  model: StoredModel,
  edits: StoredEdit[],
  roles: Role[],
  made: { programVersion: string; exportedMs: number },
): LabelPack {
  const said = edits.filter((edit) => !saysNothing(edit)).sort(byPlace)
  const used = new Set(said.map(({ roleId }) => roleId))
  const names = roleNames(roles)
  return {
    format: 'headwise-labels',
    version: 1,
    ...made,
    model: { hash: model.hash, name: model.name },
    pools: poolsOf(said),
    roles: roles
      .filter(({ id }) => used.has(id))
      .map(({ name, color, letter, description }) => ({ name, color, letter, description })),
    labels: said.map(({ layer, head, annotator, roleId, confidence, state, note, madeMs, saidMs, pool }) => ({
      layer,
      head,
      annotator,
      role: roleId === null ? null : names.get(roleId)!,
      confidence,
      state,
      note,
      madeMs: saidMs ?? madeMs,
      poolHash: pool?.hash ?? null,
    })),
  }
}

type Placed = HeadPlace & { annotator: string }

/** By code units, so that the order does not hang on the system's language. */
function byPlace(a: Placed, b: Placed): number {
  return a.layer - b.layer || a.head - b.head || compare(a.annotator, b.annotator)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function poolsOf(edits: StoredEdit[]): PoolSeen[] {
  const byHash = new Map(edits.flatMap(({ pool }) => (pool ? [[pool.hash, pool] as const] : [])))
  return [...byHash.values()]
    .map(({ name, version, hash }) => ({ name, version, hash }))
    .sort((a, b) => compare(a.name, b.name) || a.version - b.version || compare(a.hash, b.hash))
}

/**
 * @throws HeadwiseError 'conflict' when the pack is of another checkpoint, 'bad-input' naming the entry that does not
 *   fit the model or the pack itself
 */
export function checkPack(pack: LabelPack, model: StoredModel): void {
  if (pack.model.hash !== model.hash) {
    const [theirs, mine] = [pack.model.hash.slice(0, 12), model.hash.slice(0, 12)]
    throw new HeadwiseError(
      'conflict',
      `The pack must be of the model "${model.name}" (${mine}); it is of "${pack.model.name}" (${theirs}).`,
    )
  }
  for (const [at, role] of pack.roles.entries()) checkRole(role, at)
  const known = new Set(pack.roles.map(({ name }) => nameKey(name)))
  const seen = new Set<string>()
  for (const [at, label] of pack.labels.entries()) {
    const { layers, heads } = model.config.vision
    const entry = `Label ${at + 1} of the pack (${headName(label)}, ${label.annotator})`
    const refuse = (reason: string) => new HeadwiseError('bad-input', `${entry} ${reason}`)
    if (label.layer >= layers || label.head >= heads) {
      throw refuse(`must be of a head of the model; layers run from 0 to ${layers - 1}, heads from 0 to ${heads - 1}.`)
    }
    if (label.role !== null && !known.has(nameKey(label.role))) {
      throw refuse(`must have a role that the pack lists; "${label.role}" is not among them.`)
    }
    if (label.state === 'open' && (label.role !== null || label.confidence !== null)) {
      throw refuse('must be a draft, reviewed or disputed when it has a role or a confidence; it is open.')
    }
    if (label.madeMs > latestMs) throw refuse(`must have a time in milliseconds since 1970; it has ${label.madeMs}.`)
    const key = placeKey(label)
    if (seen.has(key)) throw refuse('must stand in the pack once; it stands there twice.')
    seen.add(key)
  }
}

/** The last moment that a date can name (ECMA-262, Time Values and Time Range). */
const latestMs = 8.64e15

function checkRole({ name, color, letter }: PackRole, at: number): void {
  const refuse = (reason: string) => {
    throw new HeadwiseError('bad-input', `Role ${at + 1} of the pack ("${name}") ${reason}`)
  }
  if (nameKey(name) === '') refuse('must have a name; it has none.')
  if (!/^#[0-9a-f]{6}$/.test(color)) refuse(`must have a colour such as #0072b2; it has "${color}".`)
  if (letter.length < 1 || letter.length > 2) {
    refuse(`must have a letter of one or two characters; it has ${letter.length}.`)
  }
}

export function placeKey({ layer, head, annotator }: Placed): string {
  return JSON.stringify([layer, head, annotator])
}

export type PackComparison = {
  /** said of heads that the annotator says nothing of here */
  added: PackLabel[]
  same: number
  /** both say something, and not the same */
  conflicts: { theirs: PackLabel; mine: StoredEdit }[]
  newRoles: PackRole[]
}

/** @param current the newest edit of every head and annotator of the model */
export function comparePack(pack: LabelPack, current: StoredEdit[], roles: Role[]): PackComparison {
  const known = rolesByKey(roles)
  const mineOf = new Map(current.map((edit) => [placeKey(edit), edit]))
  const comparison: PackComparison = { added: [], same: 0, conflicts: [], newRoles: newRolesOf(pack, known) }
  for (const theirs of pack.labels) {
    const mine = mineOf.get(placeKey(theirs))
    const roleId = theirs.role === null ? null : (known.get(nameKey(theirs.role))?.id ?? unknownRole)
    if (isSameContent(contentOf(mine ?? nothingSaid), { ...theirs, roleId })) comparison.same += 1
    else if (!mine || saysNothing(mine)) comparison.added.push(theirs)
    else comparison.conflicts.push({ theirs, mine })
  }
  return comparison
}

/** No role of a workspace has this number. */
const unknownRole = -1

/** Roles that labels of the pack have and the workspace does not, each once. */
function newRolesOf(pack: LabelPack, known: ReadonlyMap<string, Role>): PackRole[] {
  const used = new Set(pack.labels.flatMap(({ role }) => (role === null ? [] : [nameKey(role)])))
  const fresh = new Map<string, PackRole>()
  for (const role of pack.roles) {
    const key = nameKey(role.name)
    if (used.has(key) && !known.has(key) && !fresh.has(key)) fresh.set(key, { ...role, name: role.name.trim() })
  }
  return [...fresh.values()]
}

/** @param hasPool whether the workspace has a pool version of that hash */
export function previewOf(
  { added, same, conflicts, newRoles }: PackComparison,
  pack: LabelPack,
  roles: Role[],
  hasPool: (hash: string) => boolean,
): ImportPreview {
  const names = roleNames(roles)
  return {
    added: added.length,
    same,
    conflicts: conflicts.map(({ theirs, mine }) => ({
      layer: theirs.layer,
      head: theirs.head,
      annotator: theirs.annotator,
      mine: labelSentence(mine, names),
      theirs: sentenceOf(theirs),
    })),
    newRoles: newRoles.map(({ name }) => name),
    warnings: warningsOf(pack, roles, hasPool),
  }
}

function warningsOf(pack: LabelPack, roles: Role[], hasPool: (hash: string) => boolean): string[] {
  const known = rolesByKey(roles)
  const used = new Set(pack.labels.flatMap(({ role }) => (role === null ? [] : [nameKey(role)])))
  const retired = [...used].map((key) => known.get(key)).filter((role) => role?.isRetired)
  return [
    ...pack.pools
      .filter(({ hash }) => !hasPool(hash))
      .map(
        ({ name, version, hash }) =>
          `Version ${version} of the pool "${name}" (${hash.slice(0, 12)}) was looked at for some labels; this workspace does not have it.`,
      ),
    ...retired.map((role) => `The role "${role!.name}" is retired in this workspace; labels of the pack have it.`),
  ]
}

/** What the label says in this workspace's roles, and the pool that was looked at. */
export function contentOfPackLabel(
  label: PackLabel,
  pack: LabelPack,
  roles: ReadonlyMap<string, Role>,
): { content: LabelContent; pool: PoolSeen | null } {
  const roleId = label.role === null ? null : roles.get(nameKey(label.role))!.id
  const pool = pack.pools.find(({ hash }) => hash === label.poolHash)
  return { content: contentOf({ ...label, roleId }), pool: pool ?? null }
}
