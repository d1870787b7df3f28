import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage } from '../../../src/contract/wire.ts'

const arrays = fc.oneof(
  fc.uint8Array().map((array) => Uint8Array.from(array)),
  fc.int32Array().map((array) => Int32Array.from(array)),
  fc.float32Array({ noNaN: true }).map((array) => Float32Array.from(array)),
  fc.float64Array({ noNaN: true }).map((array) => Float64Array.from(array)),
)
// JSON knows no -0 and no __proto__ of its own.
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { depthSize: 'small' },
    arrays,
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('message')),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$array', '$array$array')).filter((key) => key !== '__proto__'),
      tie('message'),
      { noNullPrototype: true },
    ),
  ),
}))

describe('messages', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent)
      }),
      { numRuns: 500 },
    )
  })

  it('are refused when they are cut off or changed, and never crash otherwise', () => {
    const whole = encodeMessage({ a: Float32Array.of(1, 2, 3), b: 'text' })
    expect(() => decodeMessage(whole.subarray(0, 6))).toThrow()
    expect(() => decodeMessage(whole.subarray(0, whole.length - 8))).toThrow('An array of a message lies outside it.')
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(whole)
        changed[at] = byte
        try {
          decodeMessage(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
