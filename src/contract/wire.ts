/**
 * How messages of the contract travel over a WebSocket: a JSON head and the raw bytes of its typed arrays behind it,
 * so that no tensor ever becomes JSON. Layout: length of the head (uint32, little-endian), the head in UTF-8, then
 * each array at the next multiple of 8 bytes.
 */
const arrayTypes = {
  Uint8Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const
type ArrayName = keyof typeof arrayTypes

/** Stands in the head for an array. The key is doubled when a plain object has it, so that it cannot be faked. */
const marker = '$array'

type Placed = { type: ArrayName; offset: number; length: number }

export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: ArrayBufferView[] = []
  let end = 0
  const place = (array: ArrayBufferView, type: ArrayName): Placed => {
    const offset = end
    arrays.push(array)
    end = padded(offset + array.byteLength)
    return { type, offset, length: (array as Uint8Array).length }
  }
  const head = new TextEncoder().encode(JSON.stringify(withoutArrays(message, place)))
  const start = padded(4 + head.length)
  const bytes = new Uint8Array(start + end)
  new DataView(bytes.buffer).setUint32(0, head.length, true)
  bytes.set(head, 4)
  let at = start
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at = padded(at + array.byteLength)
  }
  return bytes
}

/** @throws RangeError or SyntaxError when the bytes are no message */
export function decodeMessage(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headLength = view.getUint32(0, true)
  if (4 + headLength > bytes.length) throw new RangeError('A message is shorter than its head says.')
  const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength)))
  const start = padded(4 + headLength)
  return withArrays(head, ({ type, offset, length }) => {
    if (!Object.hasOwn(arrayTypes, type)) throw new RangeError(`A message has the unknown array type "${type}".`)
    const kind = arrayTypes[type]
    const from = bytes.byteOffset + start + offset
    const to = from + length * kind.BYTES_PER_ELEMENT
    if (!(offset >= 0 && to <= bytes.byteOffset + bytes.length))
      throw new RangeError('An array of a message lies outside it.')
    return new kind(bytes.buffer.slice(from, to) as ArrayBuffer)
  })
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

function arrayName(value: object): ArrayName | undefined {
  const names = Object.keys(arrayTypes) as ArrayName[]
  return names.find((name) => value instanceof arrayTypes[name])
}

function withoutArrays(value: unknown, place: (array: ArrayBufferView, type: ArrayName) => Placed): unknown {
  if (typeof value !== 'object' || value === null) return value
  const type = arrayName(value)
  if (type) return { [marker]: place(value as ArrayBufferView, type) }
  if (Array.isArray(value)) return value.map((item) => withoutArrays(item, place))
  const entries = Object.entries(value).map(([key, item]) => [escaped(key), withoutArrays(item, place)])
  return Object.fromEntries(entries) as unknown
}

function withArrays(value: unknown, take: (placed: Placed) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => withArrays(item, take))
  if (Object.hasOwn(value, marker)) return take((value as Record<string, Placed>)[marker]!)
  const entries = Object.entries(value).map(([key, item]) => [unescaped(key), withArrays(item, take)])
  return Object.fromEntries(entries) as unknown
}

function escaped(key: string): string {
  return key.startsWith(marker) ? `${marker}${key}` : key
}

function unescaped(key: string): string {
  return key.startsWith(marker) ? key.slice(marker.length) : key
}
