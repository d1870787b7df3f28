/** Gathers what stands on the sheets of heads from the workspace. */
import type { HeadPlace } from '../../contract/head.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { evidenceOf, headName, labelOf, saysNothing } from '../label/index.ts'
import {
  chosenTexts,
  editsOfHead,
  imagesBetween,
  type KeptDirection,
  newestEdits,
  readCorrelations,
  readHeadEffects,
  readKeptDirection,
  type ReadDb,
  type ScoredOrdinal,
  type StoredCorrelations,
} from '../store/index.ts'
import type { Picture, Sheet, SheetHead, SheetText, Strip } from './sheet.ts'

/** Texts whose images are shown, and images at each end of one. */
const shownStrips = 3
const shownImages = 8
/** Above this correlation two heads put out the same. */
const twinCorrelation = 0.9

export type SheetSource = Omit<Sheet, 'heads' | 'correlationImages'> & {
  db: ReadDb
  modelId: number
  /** heads a layer of the model */
  headCount: number
  /** those that the sheet is about, in its order */
  described: DescribedHead[]
  /** a WebP, or null where there is none to be had */
  picture: (imageId: number) => Promise<Uint8Array | null>
}

export async function gatherSheet(source: SheetSource): Promise<Sheet> {
  const { db, modelId, described, textSpan, run, roles } = source
  const texts = new Map(chosenTexts(db, textSpan.id).map((text) => [text.textId, text]))
  const tagsOf = new Map([...texts].map(([id, { roles: tags }]) => [id, tags]))
  const labels = newestEdits(db, modelId).filter((edit) => !saysNothing(edit))
  const correlations = readCorrelations(db, run.id)
  const effects = readHeadEffects(db, run.id)
  const all = effects.reduce((sum, { variance }) => sum + variance, 0)
  const picture = pictureReader(source)
  const heads: SheetHead[] = []
  for (const head of described) {
    const isHere = (place: HeadPlace) => place.layer === head.layer && place.head === head.head
    const effect = effects.find(isHere)
    heads.push({
      layer: head.layer,
      head: head.head,
      described: head,
      shareOfRun: effect && all > 0 ? effect.variance / all : null,
      texts: textsOf(head, tagsOf, (textId) => texts.get(textId)?.afterHeads ?? []),
      evidence: evidenceOf(head, tagsOf, roles),
      labels: labels.filter(isHere).map(labelOf),
      history: editsOfHead(db, modelId, head),
      strips: await stripsOf(source, head, picture),
      twins: correlations ? twinsOf(correlations, source.headCount, head) : null,
    })
  }
  const { dataSet, poolTexts, programVersion, madeMs } = source
  const correlationImages = correlations?.images ?? null
  return { run, textSpan, dataSet, poolTexts, roles, heads, correlationImages, programVersion, madeMs }
}

function textsOf(
  head: DescribedHead,
  tagsOf: ReadonlyMap<number, string[]>,
  afterHeadsOf: (textId: number) => string[],
): SheetText[] {
  const name = headName(head)
  return head.steps.map(({ textId, text, explained, margin }, at) => ({
    text,
    added: Math.max(0, explained - (head.steps[at - 1]?.explained ?? 0)),
    explained,
    margin,
    tags: tagsOf.get(textId) ?? [],
    isAfterHead: afterHeadsOf(textId).includes(name),
  }))
}

async function stripsOf(
  { db, textSpan }: SheetSource,
  { layer, head, steps }: DescribedHead,
  picture: (image: ScoredOrdinal) => Promise<Picture[]>,
): Promise<Strip[]> {
  const strips: Strip[] = []
  const read = async (images: KeptDirection['highest']) => {
    const pictures: Picture[] = []
    for (const image of images.slice(0, shownImages)) pictures.push(...(await picture(image)))
    return pictures
  }
  for (const [step, { text }] of steps.slice(0, shownStrips).entries()) {
    const kept = readKeptDirection(db, textSpan.id, layer, head, `text:${step}`)
    if (!kept) continue
    const { images, mean, standardDeviation, share } = kept
    const [highest, lowest] = [await read(kept.highest), await read(kept.lowest)]
    strips.push({ step, text, images, mean, standardDeviation, share, highest, lowest })
  }
  return strips
}

/** Images come back at the ends of many heads; each is read once. */
function pictureReader({ db, run, picture }: SheetSource): (image: ScoredOrdinal) => Promise<Picture[]> {
  const known = new Map<number, Promise<Uint8Array | null>>()
  return async ({ ordinal, score }) => {
    const [image] = imagesBetween(db, run.dataSetId, ordinal, ordinal + 1)
    if (!image) return []
    if (!known.has(ordinal)) known.set(ordinal, picture(image.id))
    return [{ path: image.path, label: image.label, score, webp: await known.get(ordinal)! }]
  }
}

/** Most alike first. Head (l, h) is row l H + h of the [L H, L H] correlations. */
function twinsOf(
  { correlations }: StoredCorrelations,
  headCount: number,
  { layer, head }: HeadPlace,
): (HeadPlace & { correlation: number })[] {
  const count = Math.round(Math.sqrt(correlations.length))
  const own = layer * headCount + head
  return Array.from({ length: count }, (_, other) => ({
    layer: Math.floor(other / headCount),
    head: other % headCount,
    correlation: correlations[own * count + other]!,
  }))
    .filter(({ correlation }, other) => other !== own && correlation > twinCorrelation)
    .sort((a, b) => b.correlation - a.correlation)
}
