export { allLayers, computeBases, headMatrices, layerTermCount, type Bases } from './bases.ts'
export { exactnessTolerance, largestError } from './certificate.ts'
export { decomposeRun, defaultBatch, type RunPlan } from './decompose-run.ts'
export { openDecomposer, type Decomposer, type Decomposition } from './decomposer.ts'
export {
  blockMoment,
  coordinateCount,
  emptyMoment,
  mergedMoment,
  scalarCoordinates,
  type HeadShape,
} from './moments.ts'
