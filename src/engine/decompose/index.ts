export { allLayers, computeBases, headMatrices, headMatrix, layerTermCount, type Bases } from './bases.ts'
export { exactnessTolerance, largestError } from './certificate.ts'
export { decomposeRun, defaultBatch, type RunPlan } from './decompose-run.ts'
export { headEffects } from './head-effects.ts'
export { openDecomposer, type Decomposer, type Decomposition } from './decomposer.ts'
export {
  blockMoment,
  coordinateCount,
  emptyMoment,
  mergedMoment,
  scalarCoordinates,
  type HeadShape,
} from './moments.ts'
export { batchesAhead, refuseChanged } from './pixel-batches.ts'
