/**
 * Writes the predictions of an evaluation to files. Maps are not kept, so each image goes through the model again. The
 * folder appears when everything is in it: until then the files are in one of another name beside it.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import type { segmentExports, SegmentSettings } from '../../../contract/segment.ts'
import { HeadwiseError } from '../../../contract/errors.ts'
import type { Preprocessing } from '../../../contract/model.ts'
import { type DecodedImage, levelsOf } from '../../dataset/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { StoredImage } from '../../store/index.ts'
import { foregroundOf, type MapTools, type PredictedImage, predictImage } from '../predict-image.ts'
import { type Targets, targetText } from '../targets.ts'
import { maskForModel } from '../truth/mask.ts'
import type { Truth } from '../truth/truth.ts'
import { type CocoAnnotation, cocoAnnotation, type CocoImage } from './coco.ts'
import { maskOfImage } from './original-size.ts'
import { maskPng, overlayPng } from './pictures.ts'

export type ExportPlan = {
  kind: (typeof segmentExports)[number]
  folder: string
  /** those that were scored */
  images: StoredImage[]
  decode: (image: StoredImage) => Promise<DecodedImage>
  tools: MapTools
  preprocessing: Preprocessing
  targets: Targets
  settings: SegmentSettings
  trueClassOf: (image: StoredImage) => number | null
  /** for overlays */
  truth: Truth | undefined
  /** where the numbers come from; written with them */
  provenance: Record<string, unknown>
}

/** @throws HeadwiseError 'conflict' when something is in the folder */
export function refuseFilledFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory())
    throw new HeadwiseError('conflict', `"${folder}" must be a folder; it is a file.`)
  const count = readdirSync(folder).length
  if (count === 0) return
  throw new HeadwiseError('conflict', `"${folder}" must be empty or new; it holds ${count} files or folders.`)
}

/** @returns how many images were written; an image that cannot be read any more is told and left out */
export async function exportPredictions(plan: ExportPlan, job: JobContext): Promise<number> {
  refuseFilledFolder(plan.folder)
  const partial = `${plan.folder}.headwise-export-part`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  try {
    const count = await writeAll(plan, partial, job)
    // Windows renames onto no folder, not even an empty one.
    if (existsSync(plan.folder)) rmdirSync(plan.folder)
    renameSync(partial, plan.folder)
    return count
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

type Writer = {
  add(image: StoredImage, decoded: DecodedImage, predicted: PredictedImage): Promise<void>
  end(): void
}

async function writeAll(plan: ExportPlan, folder: string, job: JobContext): Promise<number> {
  const writer = plan.kind === 'coco' ? cocoWriter(plan, folder) : pictureWriter(plan, folder)
  job.progress({ total: plan.images.length })
  let count = 0
  for (const image of plan.images) {
    job.signal.throwIfAborted()
    try {
      const decoded = await plan.decode(image)
      const predicted = await predictImage(plan.tools, plan.targets, plan.settings, {
        path: image.path,
        decoded,
        truth: plan.trueClassOf(image),
      })
      await writer.add(image, decoded, predicted)
      job.advance(1)
      count++
    } catch (error) {
      if (!(error instanceof HeadwiseError)) throw error
      job.remark(error.message)
      job.advance(0, 1)
    }
  }
  writer.end()
  return count
}

function pictureWriter(plan: ExportPlan, folder: string): Writer {
  const nameOf = fileNames(plan.images)
  return {
    async add(image, decoded, predicted) {
      const path = join(folder, nameOf(image))
      const png =
        plan.kind === 'masks'
          ? await maskOf(plan, decoded, predicted)
          : await overlayOf(plan, image, decoded, predicted)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, png)
    },
    end: () => writeFileSync(join(folder, 'provenance.json'), `${JSON.stringify(plan.provenance, null, 2)}\n`),
  }
}

function maskOf({ tools }: ExportPlan, decoded: DecodedImage, predicted: PredictedImage): Promise<Uint8Array> {
  return maskPng(maskOfImage(foregroundOf(predicted), tools.sizePx, decoded))
}

async function overlayOf(
  { truth, tools, settings, preprocessing }: ExportPlan,
  image: StoredImage,
  decoded: DecodedImage,
  predicted: PredictedImage,
): Promise<Uint8Array> {
  const mask = maskForModel(await truth!.read(image, decoded), tools.sizePx, settings.protocol)
  return overlayPng(levelsOf(predicted.pixels, preprocessing), foregroundOf(predicted), mask, tools.sizePx)
}

/** Named like the image; two images that differ by their extension alone keep it. */
function fileNames(images: StoredImage[]): (image: StoredImage) => string {
  const stemOf = ({ path }: StoredImage) => path.slice(0, path.length - extname(path).length)
  const times = new Map<string, number>()
  for (const image of images) times.set(stemOf(image), (times.get(stemOf(image)) ?? 0) + 1)
  return (image) => {
    const name = image.path.startsWith('#')
      ? image.path.slice(1)
      : times.get(stemOf(image))! > 1
        ? image.path
        : stemOf(image)
    return `${name}.png`
  }
}

/** Categories are the task's classes, or the one typed text. */
function cocoWriter({ settings, targets, tools, provenance }: ExportPlan, folder: string): Writer {
  const isText = settings.target.kind === 'text'
  const names = isText ? [targetText(settings, { predicted: 0, truth: null }, targets.classes)] : targets.classes
  const images: CocoImage[] = []
  const annotations: CocoAnnotation[] = []
  return {
    async add({ ordinal, path }, decoded, predicted) {
      const { widthPx: width, heightPx: height } = decoded
      images.push({ id: ordinal + 1, file_name: path, width, height })
      const name = targetText(settings, predicted.classes, targets.classes)
      const places = { id: annotations.length + 1, image_id: ordinal + 1, category_id: names.indexOf(name) + 1 }
      const annotation = cocoAnnotation(maskOfImage(foregroundOf(predicted), tools.sizePx, decoded), places)
      if (annotation) annotations.push(annotation)
    },
    end() {
      const categories = names.map((name, at) => ({ id: at + 1, name }))
      const content = { info: { description: 'Headwise segmentation', ...provenance }, images, annotations, categories }
      writeFileSync(join(folder, 'predictions.json'), JSON.stringify(content))
    },
  }
}
