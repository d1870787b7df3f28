/**
 * Masks of a COCO file: the union of an image's annotations is its foreground, whether they are run lengths, packed or
 * not, or polygons. An image that the file lists without annotations is background everywhere. Images are found by
 * `file_name`: the path in the data set, or the name of the file where only one image has it.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { HeadwiseError } from '../../../contract/errors.ts'
import { type Mask, refuseOtherSize } from './mask.ts'
import { addPolygonInPlace } from './polygon.ts'
import { addRleInPlace, expandCounts } from './rle.ts'
import type { Truth, TruthImage, TruthProblem } from './truth.ts'

const Segmentation = z.union([
  z.array(z.array(z.number()).min(6)),
  z.object({ size: z.tuple([z.int(), z.int()]), counts: z.union([z.string(), z.array(z.int())]) }),
])
const CocoFile = z.object({
  images: z.array(z.object({ id: z.union([z.int(), z.string()]), file_name: z.string() })),
  // One annotation of a form that is not known spoils its image, not the file.
  annotations: z.array(z.object({ image_id: z.union([z.int(), z.string()]), segmentation: z.unknown() })),
})
type CocoFile = z.output<typeof CocoFile>

/** @throws HeadwiseError 'not-found' or 'damaged' when the file cannot be taken at all */
export function openCocoTruth(path: string, images: TruthImage[]): Truth {
  const file = basename(path)
  const { content, bytes } = readJson(path, file)
  const { byImage, problems: strangers } = matched(content, images)
  const segmentations = Map.groupBy(content.annotations, ({ image_id: id }) => id)
  const problems: TruthProblem[] = images
    .filter(({ path: image }) => !byImage.has(image))
    .map(({ path: image }) => ({ where: image, reason: `"${file}" does not list this image.` }))
  return {
    kind: 'coco',
    masks: byImage.size,
    problems: [...problems, ...strangers],
    hash: createHash('sha256').update('coco').update(bytes).digest('hex'),
    async read({ path: image }, imageSize) {
      const id = byImage.get(image)
      if (id === undefined) throw new HeadwiseError('not-found', `"${file}" does not list this image.`)
      const mask: Mask = { ...imageSize, foreground: new Uint8Array(imageSize.widthPx * imageSize.heightPx) }
      const name = `the mask of "${image}" in "${file}"`
      for (const { segmentation } of segmentations.get(id) ?? []) addInPlace(mask, segmentation, name)
      return mask
    },
    close: () => {},
  }
}

/** @throws HeadwiseError 'not-found' */
export function refuseMissingCoco(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return
  throw new HeadwiseError('not-found', `The masks must be in the file "${path}"; it is not there. Link them again.`)
}

function readJson(path: string, file: string): { content: CocoFile; bytes: Uint8Array } {
  refuseMissingCoco(path)
  let raw: unknown
  const bytes = readFileSync(path)
  try {
    raw = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${file}" must be JSON; it cannot be parsed.`, { cause })
  }
  const parsed = CocoFile.safeParse(raw)
  if (parsed.success) return { content: parsed.data, bytes }
  const at = parsed.error.issues[0]!.path.join('.')
  throw new HeadwiseError(
    'damaged',
    `"${file}" must be a COCO file with images and annotations; it does not fit at "${at}".`,
  )
}

type Matched = { byImage: Map<string, number | string>; problems: TruthProblem[] }

function matched(content: CocoFile, images: TruthImage[]): Matched {
  const paths = new Set(images.map(({ path }) => path))
  const byName = Map.groupBy(images, ({ path }) => basename(path))
  const byImage = new Map<string, number | string>()
  const problems: TruthProblem[] = []
  for (const { id, file_name: name } of content.images) {
    const same = byName.get(basename(name)) ?? []
    const path = paths.has(name) ? name : same.length === 1 ? same[0]!.path : undefined
    if (path === undefined) {
      const reason = same.length > 1 ? 'Several images have this name.' : 'The data set has no image of this name.'
      problems.push({ where: name, reason })
    } else if (byImage.has(path)) {
      problems.push({ where: name, reason: `It is listed twice; the first entry, ${byImage.get(path)!}, counts.` })
    } else byImage.set(path, id)
  }
  return { byImage, problems }
}

function addInPlace(mask: Mask, raw: unknown, name: string): void {
  const parsed = Segmentation.safeParse(raw)
  if (!parsed.success) {
    throw new HeadwiseError('damaged', `Annotations of ${name} must be run lengths or polygons; one is neither.`)
  }
  if (Array.isArray(parsed.data)) {
    for (const corners of parsed.data) addPolygonInPlace(mask, corners)
    return
  }
  const { size, counts } = parsed.data
  refuseOtherSize(`${name[0]!.toUpperCase()}${name.slice(1)}`, { widthPx: size[1], heightPx: size[0] }, mask)
  addRleInPlace(mask, { size, counts: typeof counts === 'string' ? expandCounts(counts, name) : counts }, name)
}
