/**
 * ONNX Runtime's released builds report their use over the network unless this is set before it is loaded. Headwise
 * sends nothing anywhere. Import this before anything that loads onnxruntime-node.
 */
process.env.ORT_DISABLE_TELEMETRY = '1'
