/** The only door to onnxruntime-node. */
import './no-telemetry.ts'
import { env } from 'onnxruntime-node'

// Failures come back as errors; what the library writes to the terminal besides would stand in the middle of progress.
env.logLevel = 'fatal'

export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
