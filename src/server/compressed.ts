/** Files of the page as the browser likes to get them: made once for each way to compress, when first asked for. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { PageFile } from '../engine/page/index.ts'

const compressors = {
  br: (content: Uint8Array) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }) as Promise<Uint8Array>,
  gzip: (content: Uint8Array) => promisify(gzip)(content) as Promise<Uint8Array>,
} as const
export type Encoding = keyof typeof compressors

/** Below this, and for what is compressed already, nothing is gained. */
const smallestBytes = 1024
const compressible = /^(text\/|image\/svg)/

const kept = new WeakMap<PageFile, Map<Encoding, Promise<Uint8Array>>>()

/** @param accepted the request's Accept-Encoding */
export async function compressed(
  file: PageFile,
  accepted: string | undefined,
): Promise<{ content: Uint8Array; encoding: Encoding | undefined }> {
  const encoding = encodingFor(accepted ?? '')
  if (!encoding || file.content.length < smallestBytes || !compressible.test(file.type)) {
    return { content: file.content, encoding: undefined }
  }
  const made = kept.get(file) ?? new Map<Encoding, Promise<Uint8Array>>()
  kept.set(file, made)
  if (!made.has(encoding)) made.set(encoding, compressors[encoding](file.content))
  return { content: await made.get(encoding)!, encoding }
}

function encodingFor(accepted: string): Encoding | undefined {
  const names = accepted
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]!.toLowerCase())
  return (['br', 'gzip'] as const).find((encoding) => names.includes(encoding))
}
