/** Calls that keep a processor busy for longer than a person should wait for anything else. */
import type { WorkspaceCallName } from '../../contract/index.ts'

export const askedCalls = [
  'provider/list',
  'image/picture',
  'image/model-view',
  'image/explain',
  'image/predict',
  'head/effects',
  'head/images',
  'head/correlations',
  'head/token-map',
  'pool/problems',
  'pool/neighbours',
  'report/head-sheet',
  'segment/ground-truth',
  'segment/link-masks',
  'segment/read',
  'segment/image',
] as const satisfies WorkspaceCallName[]
