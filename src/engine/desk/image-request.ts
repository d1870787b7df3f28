/**
 * Pictures by address, for the page's own images: /image/ID/thumbnail?w=KEY and /image/ID/picture?w=KEY. Only ids of an
 * open workspace; no path of a file ever comes in. Browsers keep the answers, so an address without the key, which
 * would be the same for every workspace, is none of a picture.
 */
import type { Reply } from '../../contract/index.ts'
import { answer } from '../answer.ts'
import type { Desk } from './desk.ts'

export const imageKinds = ['thumbnail', 'picture'] as const
export type ImageKind = (typeof imageKinds)[number]

/** `key` is the workspace's, as 'app/describe' tells it. */
export type ImageRequest = { key: string; imageId: number; kind: ImageKind }

/** undefined when the address is not one of a picture */
export function imageRequestOf(url: URL): ImageRequest | undefined {
  const found = /^\/image\/([1-9]\d{0,14})\/(thumbnail|picture)$/.exec(url.pathname)
  const key = url.searchParams.get('w')
  if (!found || key === null) return undefined
  return { key, imageId: Number(found[1]), kind: found[2] as ImageKind }
}

/** Never throws; the value of a good reply is WebP, as bytes. */
export async function readImage(
  desk: Desk,
  { key, imageId, kind }: ImageRequest,
  onError?: (name: string, error: unknown) => void,
): Promise<Reply> {
  const workspace = desk.workspace(key)
  if (!workspace) return { ok: false, code: 'no-workspace', message: 'The workspace of this picture is not open.' }
  return answer(workspace.engine, `image/${kind}`, { imageId }, onError)
}
