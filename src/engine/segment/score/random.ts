/**
 * A small generator of random numbers that gives the same ones on every machine: mulberry32 (Tommy Ettinger, public
 * domain).
 * @returns a function whose every call gives a number from 0 up to 1, without 1, in steps of 2^-32
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
