/**
 * CLIP's preprocessing as PIL does it (spec 8): shortest side to S with antialiased bicubic, long side truncated to an
 * integer, centre crop, then (x / 255 - mean) / std. ONNX Runtime's Resize equals PIL to one level of 255.
 */
import type { Preprocessing } from '../../contract/model.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import { createSession, Tensor } from '../runtime/session.ts'
import type { DecodedImage } from './types.ts'

export type Preprocessor = {
  /** Writes [3, S, S] into `into` from `offset` on. */
  writePixels(image: DecodedImage, into: Float32Array, offset: number): Promise<void>
  close(): Promise<void>
}

export async function createPreprocessor(preprocessing: Preprocessing, { threads = 0 } = {}): Promise<Preprocessor> {
  const session = await createSession(preprocessGraph(preprocessing), { threads })
  const { sizePx } = preprocessing
  return {
    async writePixels({ rgb, widthPx, heightPx }, into, offset) {
      const { width, height } = resizedSize(widthPx, heightPx, sizePx)
      const left = cropOffset(width, sizePx)
      const top = cropOffset(height, sizePx)
      const outputs = await session.run({
        rgb: new Tensor('uint8', rgb, [heightPx, widthPx, 3]),
        sizes: integers([1, 3, height, width]),
        cropFrom: integers([top, left]),
        cropTo: integers([top + sizePx, left + sizePx]),
      })
      into.set(outputs.pixels!.data as Float32Array, offset)
    },
    close: () => session.release(),
  }
}

/** Shortest side S, the other truncated. */
export function resizedSize(widthPx: number, heightPx: number, sizePx: number): { width: number; height: number } {
  return widthPx <= heightPx
    ? { width: sizePx, height: Math.trunc((sizePx * heightPx) / widthPx) }
    : { width: Math.trunc((sizePx * widthPx) / heightPx), height: sizePx }
}

/** (w - S) / 2, a half rounded to the even number as Python's round does. */
export function cropOffset(lengthPx: number, sizePx: number): number {
  const half = (lengthPx - sizePx) / 2
  const down = Math.floor(half)
  return half - down === 0.5 ? down + (down % 2) : Math.round(half)
}

function integers(numbers: number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(numbers, BigInt), [numbers.length])
}

function preprocessGraph({ sizePx, mean, standardDeviation }: Preprocessing): Uint8Array {
  const g = new GraphBuilder('preprocess')
  const rgb = g.input('rgb', 'uint8', ['height', 'width', 3])
  const sizes = g.input('sizes', 'int64', [4])
  const cropFrom = g.input('cropFrom', 'int64', [2])
  const cropTo = g.input('cropTo', 'int64', [2])
  // Resize takes four axes.
  const planes = g.op('Unsqueeze', [g.cast(g.transpose(rgb, [2, 0, 1]), 'float32'), g.integers([0])])
  const resized = g.op('Resize', [planes, '', '', sizes], {
    mode: 'cubic',
    antialias: 1,
    cubic_coeff_a: { float: -0.5 },
    exclude_outside: 1,
    coordinate_transformation_mode: 'half_pixel',
  })
  const levels = g.op('Clip', [g.op('Round', [resized]), g.floats([0], []), g.floats([255], [])])
  const cropped = g.op('Slice', [levels, cropFrom, cropTo, g.integers([2, 3])])
  // (x / 255 - mean) / std as one factor and one summand a channel.
  const factor = g.floats(
    standardDeviation.map((std) => 1 / (255 * std)),
    [3, 1, 1],
  )
  const summand = g.floats(
    mean.map((level, channel) => -level / standardDeviation[channel]!),
    [3, 1, 1],
  )
  g.output('pixels', g.add(g.multiply(cropped, factor), summand), 'float32', [1, 3, sizePx, sizePx])
  return g.encode()
}
