export { basisGraph, decomposeGraph, encodeGraph, tokenMapGraph } from './vision-graphs.ts'
export { textGraph } from './text-graph.ts'
export { GraphBuilder, type Value } from './graph-builder.ts'
