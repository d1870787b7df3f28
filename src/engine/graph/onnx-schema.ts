/**
 * The part of ONNX's protobuf schema that our graphs use, for protobufjs. Field numbers are those of onnx.proto
 * (IR version 10). Leaves out functions, sparse tensors, sequences and training.
 */
import protobuf from 'protobufjs'

const field = (type: string, id: number, rule?: 'repeated') => ({ type, id, ...(rule ? { rule } : {}) })

const schema = {
  ModelProto: {
    fields: {
      irVersion: field('int64', 1),
      producerName: field('string', 2),
      producerVersion: field('string', 3),
      graph: field('GraphProto', 7),
      opsetImport: field('OperatorSetIdProto', 8, 'repeated'),
      metadataProps: field('StringStringEntryProto', 14, 'repeated'),
    },
  },
  OperatorSetIdProto: { fields: { domain: field('string', 1), version: field('int64', 2) } },
  StringStringEntryProto: { fields: { key: field('string', 1), value: field('string', 2) } },
  GraphProto: {
    fields: {
      node: field('NodeProto', 1, 'repeated'),
      name: field('string', 2),
      initializer: field('TensorProto', 5, 'repeated'),
      input: field('ValueInfoProto', 11, 'repeated'),
      output: field('ValueInfoProto', 12, 'repeated'),
    },
  },
  NodeProto: {
    fields: {
      input: field('string', 1, 'repeated'),
      output: field('string', 2, 'repeated'),
      name: field('string', 3),
      opType: field('string', 4),
      attribute: field('AttributeProto', 5, 'repeated'),
      domain: field('string', 7),
    },
  },
  AttributeProto: {
    fields: {
      name: field('string', 1),
      f: field('float', 2),
      i: field('int64', 3),
      s: field('bytes', 4),
      floats: field('float', 7, 'repeated'),
      ints: field('int64', 8, 'repeated'),
      type: field('int32', 20),
    },
  },
  TensorProto: {
    fields: {
      dims: field('int64', 1, 'repeated'),
      dataType: field('int32', 2),
      name: field('string', 8),
      rawData: field('bytes', 9),
      externalData: field('StringStringEntryProto', 13, 'repeated'),
      dataLocation: field('int32', 14),
    },
  },
  ValueInfoProto: { fields: { name: field('string', 1), type: field('TypeProto', 2) } },
  TypeProto: { fields: { tensorType: field('TypeProtoTensor', 1) } },
  TypeProtoTensor: { fields: { elemType: field('int32', 1), shape: field('TensorShapeProto', 2) } },
  TensorShapeProto: { fields: { dim: field('TensorShapeProtoDimension', 1, 'repeated') } },
  TensorShapeProtoDimension: { fields: { dimValue: field('int64', 1), dimParam: field('string', 2) } },
}

const root = protobuf.Root.fromJSON({ nested: schema })
export const ModelProto = root.lookupType('ModelProto')
