/**
 * Token maps over ONNX Runtime. Gradients through all layers keep every layer's attention until the way back, so they
 * have a pass of their own, in smaller batches; everything else comes with one pass that costs about as much as
 * encoding the images.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { VisionShape } from '../../contract/model.ts'
import type { Provider } from '../../contract/run.ts'
import type { SegmentMethod } from '../../contract/segment.ts'
import { mapGraph } from '../graph/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { createSession, type InferenceSession, Tensor } from '../runtime/session.ts'
import type { MapMaker, MapRequest, PatchMap } from './map-maker.ts'
import { decompositionMap, refuseOtherHeads } from './methods/decomposition.ts'

export type MapMakerOptions = {
  /** the methods that will be asked for */
  methods: readonly SegmentMethod[]
  /** 'cpu' when absent; `chooseProvider` finds out which ones work */
  provider?: Provider
  cacheFolder: string
  /** inside one operator; 0, the default, is every core */
  threads?: number
}

/** A graph, and how many images go through it at once. */
type Pass = { methods: SegmentMethod[]; batch: number; session: () => Promise<InferenceSession> }

/** [images, ...] each, by name */
type Outputs = Map<string, Float32Array>

/** Sessions are made when they are first needed. */
export async function openMapMaker(checkpoint: Checkpoint, options: MapMakerOptions): Promise<MapMaker> {
  const { vision, jointWidth } = checkpoint.config
  const gridSide = Math.floor(vision.imageSizePx / vision.patchSizePx)
  const opened: Promise<InferenceSession>[] = []
  const passes = planPasses(vision, options.methods).map(({ methods, batch }) => {
    let session: Promise<InferenceSession> | undefined
    const open = () => {
      const weights = { path: checkpoint.weightsPath, cacheFolder: options.cacheFolder }
      session = createSession(mapGraph(checkpoint, methods), { ...options, weights })
      opened.push(session)
      return session
    }
    return { methods, batch, session: () => session ?? open() }
  })
  return {
    gridRows: gridSide,
    gridColumns: gridSide,
    async representations(pixels, images) {
      const directions = new Float32Array(images * jointWidth)
      return (await runPass(passes[0]!, checkpoint, pixels, directions, images)).get('representation')!
    },
    async maps(pixels, images, directions, requests) {
      for (const { heads } of requests) refuseOtherHeads(vision, heads ?? [])
      const outputs = new Map<SegmentMethod, Outputs>()
      for (const pass of passes) {
        const wanted = pass.methods.filter((method) => requests.some((request) => request.method === method))
        if (wanted.length === 0) continue
        const made = await runPass(pass, checkpoint, pixels, directions, images)
        for (const method of wanted) outputs.set(method, made)
      }
      return Array.from({ length: images }, (_, image) =>
        requests.map((request) => mapOf(request, image, outputs.get(request.method), directions, checkpoint)),
      )
    },
    async close() {
      for (const session of await Promise.allSettled(opened)) {
        if (session.status === 'fulfilled') await session.value.release()
      }
    },
  }
}

/** What the tensors that a way back keeps may take, bytes; one image goes through whatever it needs. */
const keptBudgetBytes = 512 * 2 ** 20

/**
 * The first pass serves representations too. GradCAM needs no way back of its own, and goes along where there is one.
 */
export function planPasses(
  vision: VisionShape,
  methods: readonly SegmentMethod[],
): { methods: SegmentMethod[]; batch: number }[] {
  const isBackward = (method: SegmentMethod) => method === 'gradient-attention' || method === 'gradcam'
  const everything = [...new Set(methods)]
  if (!everything.includes('gradient-attention')) return [{ methods: everything, batch: Infinity }]
  const batch = Math.max(1, Math.floor(keptBudgetBytes / keptBytes(vision)))
  return [
    { methods: everything.filter((method) => !isBackward(method)), batch: Infinity },
    { methods: everything.filter(isBackward), batch },
  ]
}

/** Of one image: attention, the MLP before and after its activation, and eight rows of the width, in every layer. */
function keptBytes({ layers, heads, tokens, width, mlpWidth }: VisionShape): number {
  return 4 * layers * (heads * tokens ** 2 + tokens * (2 * mlpWidth + 8 * width))
}

async function runPass(
  { session, batch }: Pass,
  { config }: Checkpoint,
  pixels: Float32Array,
  directions: Float32Array,
  images: number,
): Promise<Outputs> {
  const { imageSizePx } = config.vision
  const outputs: Outputs = new Map()
  for (let from = 0; from < images; from += batch) {
    const count = Math.min(batch, images - from)
    const part = (rows: Float32Array) =>
      rows.subarray((from * rows.length) / images, ((from + count) * rows.length) / images)
    const made = await (
      await session()
    ).run({
      pixels: new Tensor('float32', part(pixels), [count, 3, imageSizePx, imageSizePx]),
      directions: new Tensor('float32', part(directions), [count, config.jointWidth]),
    })
    for (const [name, { data }] of Object.entries(made)) {
      const rows = data as Float32Array
      if (count === images) outputs.set(name, rows)
      else {
        if (!outputs.has(name)) outputs.set(name, new Float32Array((rows.length / count) * images))
        outputs.get(name)!.set(rows, (rows.length / count) * from)
      }
    }
  }
  return outputs
}

function mapOf(
  { method, heads }: MapRequest,
  image: number,
  outputs: Outputs | undefined,
  directions: Float32Array,
  { config }: Checkpoint,
): PatchMap {
  if (!outputs) throw new HeadwiseError('bad-input', `The map maker was not opened for the method "${method}".`)
  const { tokens } = config.vision
  const rowOf = (rows: Float32Array) => {
    const size = rows.length / (directions.length / config.jointWidth)
    return rows.subarray(image * size, (image + 1) * size)
  }
  const row = (name: string) => rowOf(outputs.get(name)!)
  if (method !== 'decomposition') {
    return { patches: row(method).slice(1, tokens), classTokenPart: null, mlpPart: null, score: null }
  }
  const number = (name: string) => row(name)[0]!
  const direction = rowOf(directions)
  const parts = {
    along: row('along'),
    alongBias: row('alongBias'),
    alongMlp: row('alongMlp'),
    alongOnes: number('alongOnes'),
    alongBeta: number('alongBeta'),
    mean: number('mean'),
    scale: number('scale'),
    norm: number('norm'),
    score: row('representation').reduce((sum, value, at) => sum + value * direction[at]!, 0),
  }
  return decompositionMap(parts, config.vision, heads)
}
