/** How much a head changed from one TEXTSPAN result to another. */
import type { HeadChange } from '../../contract/text-span.ts'

export function isOther({ gained, lost, moved }: HeadChange): boolean {
  return gained.length + lost.length + moved > 0
}

/** To put heads in order: the share explained counts first, texts that came and went decide between like ones. */
export function changeSize({ before, after, gained, lost, moved }: HeadChange): number {
  return Math.abs(after - before) + (gained.length + lost.length) * 1e-4 + moved * 1e-6
}
