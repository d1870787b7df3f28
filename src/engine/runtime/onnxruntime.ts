/** The only door to onnxruntime-node. */
import './no-telemetry.ts'

export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
