/** What a person asks to be evaluated: the form's fields, what is wrong with them, and the settings they stand for. */
import type { HeadPlace } from '../../contract/head.ts'
import type { SegmentMethod, SegmentProtocol, SegmentSettings, SegmentTarget } from '../../contract/segment.ts'
import type { ZeroShotTask } from '../../contract/study.ts'
import type { ClassColumn } from '../explain/classes.ts'

export type SegmentForm = {
  modelId: number | undefined
  dataSetId: number | undefined
  /** a name a line */
  classes: string
  /** ids of classes as a file has them, which the data set may say instead of names */
  knownClasses: { id: string; name: string }[]
  /** a template a line */
  templates: string
  /** where the data set says the true class */
  truthColumn: ClassColumn | undefined
  methods: SegmentMethod[]
  protocols: SegmentProtocol[]
  target: SegmentTarget['kind']
  className: string
  text: string
  minus: string
  heads: 'all' | 'roles' | 'typed'
  roleIds: number[]
  /** "L5.H2, L4.H1" or "L5" */
  typedHeads: string
  threshold: 'mean' | 'fixed'
  fixedThreshold: number | ''
  /** the first so many images; empty for all */
  limit: number | ''
}

export const emptyForm: SegmentForm = {
  modelId: undefined,
  dataSetId: undefined,
  classes: '',
  knownClasses: [],
  templates: 'a photo of a {}',
  truthColumn: undefined,
  methods: ['decomposition'],
  protocols: ['as-published'],
  target: 'predicted',
  className: '',
  text: '',
  minus: '',
  heads: 'all',
  roleIds: [],
  typedHeads: '',
  threshold: 'mean',
  fixedThreshold: 0.5,
  limit: '',
}

export type Shape = { layers: number; heads: number }

/** What is known beside the form. */
export type SetupFacts = {
  shape: Shape | undefined
  /** heads that have one of the chosen roles */
  roleHeads: HeadPlace[]
  /** "role place" */
  roleNote: string
  hasMasks: boolean
}

/** Evaluations of one job. */
export const mostEvaluations = 20

/** @returns heads in the order of layers, each once; or the first thing that cannot be understood */
export function parseHeads(typed: string, { layers, heads }: Shape): { heads: HeadPlace[]; problem?: string } {
  const chosen = new Set<number>()
  for (const word of typed.split(/[\s,;]+/).filter(Boolean)) {
    const parts = /^L(\d+)(?:\.H(\d+))?$/i.exec(word)
    if (!parts) return { heads: [], problem: `“${word}” is no head: write L5.H2, or L5 for a whole layer.` }
    const layer = Number(parts[1])
    if (layer >= layers)
      return { heads: [], problem: `Layer ${layer} does not exist; layers run from 0 to ${layers - 1}.` }
    const head = parts[2] === undefined ? undefined : Number(parts[2])
    if (head !== undefined && head >= heads)
      return { heads: [], problem: `Head ${head} does not exist in layer ${layer}; heads run from 0 to ${heads - 1}.` }
    if (head !== undefined) chosen.add(layer * heads + head)
    else for (let own = 0; own < heads; own++) chosen.add(layer * heads + own)
  }
  const places = [...chosen].sort((a, b) => a - b)
  return { heads: places.map((at) => ({ layer: Math.floor(at / heads), head: at % heads })) }
}

export function linesOfField(field: string): string[] {
  return field
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
}

export function taskOf({ classes, knownClasses, templates, truthColumn }: SegmentForm): ZeroShotTask {
  const attribute = truthColumn?.startsWith('by.') ? truthColumn.slice(3) : undefined
  const names = linesOfField(classes)
  const ids = idsOf(names, knownClasses)
  return {
    classes: names,
    templates: linesOfField(templates),
    ...(ids ? { ids } : {}),
    ...(attribute === undefined ? {} : { attribute }),
  }
}

/**
 * The ids of a file's classes, whatever was taken out or added since; a name that the file lacks is its own id.
 * @returns undefined where ids say no more than places and names do
 */
function idsOf(names: string[], known: SegmentForm['knownClasses']): string[] | undefined {
  const idsByName = Map.groupBy(known, ({ name }) => name)
  const used = new Map<string, number>()
  const ids = names.map((name) => {
    const turn = used.get(name) ?? 0
    used.set(name, turn + 1)
    return idsByName.get(name)?.[turn]?.id ?? name
  })
  return ids.some((id, at) => id !== names[at] && id !== String(at)) ? ids : undefined
}

/** One for each method under each protocol, methods side by side. */
export function settingsOf(form: SegmentForm, facts: SetupFacts): SegmentSettings[] {
  const target = targetOf(form)
  const threshold = form.threshold === 'fixed' && form.fixedThreshold !== '' ? { threshold: form.fixedThreshold } : {}
  return form.protocols.flatMap((protocol) =>
    form.methods.map((method) => ({
      method,
      protocol,
      target,
      ...(method === 'decomposition' ? headsOf(form, facts) : { headsNote: '' }),
      ...threshold,
    })),
  )
}

function targetOf({ target, className, text, minus }: SegmentForm): SegmentTarget {
  if (target === 'class') return { kind: 'class', name: className }
  if (target === 'text') return { kind: 'text', text: text.trim(), ...(minus.trim() ? { minus: minus.trim() } : {}) }
  return { kind: target }
}

function headsOf({ heads, typedHeads }: SegmentForm, { shape, roleHeads, roleNote }: SetupFacts) {
  if (heads === 'all') return { headsNote: '' }
  if (heads === 'roles') return { heads: roleHeads, headsNote: roleNote }
  return { heads: parseHeads(typedHeads, shape ?? { layers: 0, heads: 0 }).heads, headsNote: '' }
}

/** The first thing that keeps the form from being started, in a sentence. */
export function problemOf(form: SegmentForm, facts: SetupFacts): string | undefined {
  const { classes, templates } = taskOf(form)
  const count = form.methods.length * form.protocols.length
  const checks: [boolean, string | undefined][] = [
    [form.dataSetId === undefined, 'Choose a data set.'],
    [form.modelId === undefined, 'Choose a model.'],
    [!facts.hasMasks, 'This data set has no ground truth: link its masks first.'],
    [classes.length < 2, `At least 2 classes are needed; there ${classes.length === 1 ? 'is 1' : 'are none'}.`],
    [templates.length === 0, 'At least one template is needed, such as: a photo of a {}'],
    [!templates.every((template) => template.includes('{}')), 'Every template must have {} where the class name goes.'],
    [count === 0, 'Choose at least one method and one protocol.'],
    [count > mostEvaluations, `At most ${mostEvaluations} evaluations go into one job; these are ${count}.`],
    [form.target === 'true' && form.truthColumn === undefined, 'The data set does not say a true class.'],
    [form.target === 'class' && !classes.includes(form.className), 'Choose the class that every map is made for.'],
    [form.target === 'text' && form.text.trim() === '', 'Type the text that every map is made for.'],
    [true, headsProblem(form, facts)],
    [!isThreshold(form), 'The threshold must be a number from 0 to 1.'],
    [!isLimit(form), 'The number of images must be a whole number from 1, or nothing for all.'],
  ]
  return checks.find(([isWrong, problem]) => isWrong && problem !== undefined)?.[1]
}

function headsProblem(form: SegmentForm, { shape, roleHeads }: SetupFacts): string | undefined {
  if (!form.methods.includes('decomposition') || form.heads === 'all') return undefined
  if (form.heads === 'roles') return roleHeads.length === 0 ? 'No head has one of the chosen roles.' : undefined
  const parsed = parseHeads(form.typedHeads, shape ?? { layers: 0, heads: 0 })
  return (
    parsed.problem ?? (parsed.heads.length === 0 ? 'Type the heads that take part, such as L5.H2, L4.H1.' : undefined)
  )
}

function isThreshold({ threshold, fixedThreshold }: SegmentForm): boolean {
  return threshold === 'mean' || (fixedThreshold !== '' && fixedThreshold >= 0 && fixedThreshold <= 1)
}

function isLimit({ limit }: SegmentForm): boolean {
  return limit === '' || (Number.isInteger(limit) && limit >= 1)
}
