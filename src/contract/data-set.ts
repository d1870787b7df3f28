/** Data sets: images with their labels, splits and attributes. */
import { z } from 'zod'
import { call, Count, Id, Nothing, TimeMs } from './call.ts'
import { JobTicket } from './job.ts'

export const dataSetKinds = ['folder', 'csv', 'waterbirds', 'mat'] as const
export type DataSetKind = (typeof dataSetKinds)[number]

export const DataSet = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(dataSetKinds),
  root: z.string(),
  /** SHA-256 over paths, sizes, labels, splits and attributes */
  hash: z.string().length(64),
  images: Count,
  columns: z.array(z.string()),
  /** distinct labels and splits with their number of images, most first, at most 200 each */
  labels: z.array(z.object({ label: z.string(), images: Count })),
  splits: z.array(z.object({ split: z.string(), images: Count })),
  /** rows and files that could not be taken in */
  problems: z.array(z.object({ where: z.string(), reason: z.string() })),
  /** whether its folder or file is where the workspace expects it */
  isPresent: z.boolean(),
  addedMs: TimeMs,
})
export type DataSet = z.output<typeof DataSet>

/** Narrows a data set to some images; every given part must hold. */
export const ImageFilter = z.strictObject({
  split: z.string().optional(),
  label: z.string().optional(),
  /** attribute name -> wanted content */
  attributes: z.record(z.string(), z.string()).optional(),
  /** part of the path, whatever its case */
  path: z.string().min(1).max(500).optional(),
})
export type ImageFilter = z.output<typeof ImageFilter>

export const Image = z.object({
  id: Id,
  /** place in the data set, from 0 */
  ordinal: Count,
  path: z.string(),
  label: z.string().nullable(),
  split: z.string().nullable(),
})
export type Image = z.output<typeof Image>

export const dataSetCalls = {
  /** A folder, a metadata.csv or any CSV with a file column, or a MATLAB 7.3 file of ImageNet-segmentation. */
  'data-set/add': call(z.strictObject({ path: z.string().min(1), name: z.string().min(1).optional() }), JobTicket),
  'data-set/list': call(Nothing, z.array(DataSet)),
  /** Distinct contents of an attribute, or of the label, with their number of images. */
  'data-set/contents': call(
    z.strictObject({ dataSetId: Id, attribute: z.string().optional() }),
    z.array(z.object({ content: z.string(), images: Count })),
  ),
  'image/page': call(
    z.strictObject({
      dataSetId: Id,
      filter: ImageFilter.default({}),
      offset: Count.default(0),
      limit: z.int().min(1).max(1000).default(200),
    }),
    z.object({ total: Count, images: z.array(Image) }),
  ),
  /** A WebP of at most 128 px on its longest side, made once and kept in the workspace. */
  'image/thumbnail': call(z.strictObject({ imageId: Id }), z.instanceof(Uint8Array)),
}
