export { basisGraph, decomposeGraph, encodeGraph, explainGraph } from './vision-graphs.ts'
export { mapGraph } from './map-graph.ts'
export { textGraph } from './text-graph.ts'
export { GraphBuilder, type Value } from './graph-builder.ts'
