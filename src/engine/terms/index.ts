export { filterKey, isWhole, momentsOf, selectRows } from './filtered-moments.ts'
export { classToClassTerms, headCoordinates, layerHeadTerms, mlpTerms, type TermShape } from './read-terms.ts'
