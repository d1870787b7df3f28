/** The heads whose outputs are most like those of the head on the screen. */
import { computed } from 'vue'
import type { Role } from '../../contract/role.ts'
import { headName } from '../draw/format.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import type { HeadsPlace } from './useHeadsPlace.ts'

export type Twin = { name: string; correlation: number; role: Role | undefined }

/** Outputs that correlate above this do the same thing. */
const twinAbove = 0.9
const shownWithoutTwins = 3

export function useTwins(place: HeadsPlace) {
  const labels = useLabelStore()
  return computed(() => {
    const known = place.correlations.value?.content
    const own = place.currentPlace.value
    const perLayer = place.shape.value?.heads
    if (!known || !own || !perLayer) return undefined
    const row = own.layer * perLayer + own.head
    const others = Array.from({ length: known.heads }, (_, other) => ({
      other,
      correlation: known.correlations[row * known.heads + other]!,
    }))
      .filter(({ other }) => other !== row)
      .sort((a, b) => b.correlation - a.correlation)
    const areTwins = (others[0]?.correlation ?? 0) > twinAbove
    const shown = areTwins
      ? others.filter(({ correlation }) => correlation > twinAbove)
      : others.slice(0, shownWithoutTwins)
    const twins = shown.map(({ other, correlation }): Twin => {
      const name = headName(Math.floor(other / perLayer), other % perLayer)
      return { name, correlation, role: labels.roleById.get(labels.own.get(name)?.roleId ?? -1) }
    })
    return { areTwins, twins, images: known.images }
  })
}
