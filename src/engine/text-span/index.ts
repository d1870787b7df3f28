export { describeLayer, projectTexts, type HeadDescription, type LayerDescription } from './describe-layer.ts'
export { directionsOf, pickTexts, type Greedy, type LayerTexts, type TextPick } from './greedy.ts'
export { layerSpace, noiseShare, type LayerSpace } from './head-space.ts'
export { differingSettings, headChanges, textUses } from './uses.ts'
