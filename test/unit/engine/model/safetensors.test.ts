import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSafetensorsHeader } from '../../../../src/engine/model/safetensors.ts'
import { writeRaw } from '../../../support/checkpoint-files.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let path: string
beforeAll(() => {
  place = temporaryFolder()
  path = join(place.folder, 'w.safetensors')
})
afterAll(() => place.remove())

const tensor = (from: number, to: number, shape = [2], dtype = 'F32') => ({ dtype, shape, data_offsets: [from, to] })

describe('readSafetensorsHeader', () => {
  it('finds tensors by their place in the file', () => {
    const header = JSON.stringify({ __metadata__: { format: 'pt' }, a: tensor(0, 8), b: tensor(8, 12, [2], 'F16') })
    writeRaw(path, header, Buffer.alloc(12))
    const { tensors } = readSafetensorsHeader(path)
    expect([...tensors.keys()]).toEqual(['a', 'b'])
    expect(tensors.get('b')).toEqual({ dtype: 'F16', shape: [2], offset: 8 + header.length + 8, lengthBytes: 4 })
  })

  const bad: [string, () => void, string][] = [
    [
      'a file of five bytes',
      () => writeFileSync(path, 'abcde'),
      '"w.safetensors" must begin with an 8-byte header length; the file has 5 bytes.',
    ],
    [
      'a header of a gigabyte',
      () => writeRaw(path, '{}', Buffer.alloc(0), 2 ** 30),
      'The header of "w.safetensors" may have at most 100000000 bytes; it claims 1073741824.',
    ],
    [
      'a file cut off in its header',
      () => writeRaw(path, '{}', Buffer.alloc(0), 50),
      '"w.safetensors" ends 48 bytes before its header does; the file may be cut off.',
    ],
    [
      'a header that is no JSON',
      () => writeRaw(path, '{"a":', Buffer.alloc(0)),
      'The header of "w.safetensors" must be JSON; it cannot be parsed.',
    ],
    [
      'a header that is a list',
      () => writeRaw(path, '[1]', Buffer.alloc(0)),
      'The header of "w.safetensors" must be a JSON object of tensors.',
    ],
    [
      'an entry without a shape',
      () => writeRaw(path, '{"a":{"dtype":"F32"}}', Buffer.alloc(0)),
      'Tensor "a" in "w.safetensors" must have dtype, shape and data_offsets; its entry does not.',
    ],
    [
      'an unknown dtype',
      () => writeRaw(path, JSON.stringify({ a: tensor(0, 8, [2], 'Q4') }), Buffer.alloc(8)),
      'Tensor "a" in "w.safetensors" has the unknown dtype "Q4".',
    ],
    [
      'a shape that does not fit',
      () => writeRaw(path, JSON.stringify({ a: tensor(0, 8, [3]) }), Buffer.alloc(8)),
      'Tensor "a" in "w.safetensors" must have 12 bytes by its shape [3] and dtype F32; its offsets give 8.',
    ],
    [
      'an offset outside the file',
      () => writeRaw(path, JSON.stringify({ a: tensor(100, 108) }), Buffer.alloc(8)),
      `Tensor "a" in "w.safetensors" must lie inside the file's 8 data bytes; it begins at 100.`,
    ],
    [
      'a file cut off in its data',
      () => writeRaw(path, JSON.stringify({ a: tensor(0, 8) }), Buffer.alloc(3)),
      '"w.safetensors" ends 5 bytes early; the file may be cut off.',
    ],
    [
      'a name that stands twice',
      () =>
        writeRaw(path, `{"a":${JSON.stringify(tensor(0, 8))},"a":${JSON.stringify(tensor(0, 8))}}`, Buffer.alloc(8)),
      'The header of "w.safetensors" must name every tensor once; it has 2 entries for 1 names.',
    ],
  ]
  it.each(bad)('refuses %s', (_, write, message) => {
    write()
    expect(() => readSafetensorsHeader(path)).toThrow(expect.objectContaining({ code: 'damaged', message }))
  })
})
