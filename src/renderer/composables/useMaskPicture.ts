/** How the picture of a segmented image is drawn, what its legend says, and its file. */
import { computed, shallowRef } from 'vue'
import { savePicture } from '../draw/picture-figure.ts'
import { formatMeasure, formatShare } from '../draw/format.ts'
import type { Scale } from '../draw/scales.ts'
import { mapScale, type MapView, mapViews } from '../draw/token-map.ts'
import { legendOf, maskLegend, nextOverlay, type Overlay, overlays } from '../segment/overlays.ts'
import { mapProvenance } from '../segment/tables.ts'
import { evaluationTitle, targetWords } from '../segment/words.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useRemembered } from './useRemembered.ts'
import type { useSegmentedImage } from './useSegmentedImage.ts'
import type { SegmentsPlace } from './useSegmentsPlace.ts'

const wholeRange: Scale = { from: 0, to: 1, isLog: false, share: (value) => value }

export function useMaskPicture(place: SegmentsPlace, segmented: ReturnType<typeof useSegmentedImage>) {
  const app = useAppStore()
  const notices = useNoticeStore()
  const { image, threshold, counts, statistics, target, isTried } = segmented
  const overlay = useRemembered<Overlay>('segments/overlay', 'colors', (own) => overlays.includes(own as Overlay))
  const view = useRemembered<MapView>('segments/map-view', 'bilinear', (own) => mapViews.includes(own as MapView))
  const opacity = useRemembered('segments/opacity', 0.6, (own) => Number(own) >= 0 && Number(own) <= 1)
  const hasTruth = useRemembered('segments/truth', true)
  const pixel = shallowRef<{ x: number; y: number }>()

  const scale = computed(() =>
    image.value && view.value === 'patches' ? mapScale(image.value.patches, 'sequential') : wholeRange,
  )
  const legend = computed(() => {
    if (counts.value) return legendOf(counts.value)
    const [own, share] = [image.value, statistics.value?.shareAbove ?? 0]
    return own ? maskLegend(Math.round(share * own.map.length), share) : []
  })
  const heatNote = computed(() => (view.value === 'patches' ? 'a patch, before clipping' : 'map, 0 to 1'))

  /** What lies under the pointer. */
  const readout = computed(() => {
    const [own, at] = [image.value, pixel.value]
    if (!own || !at) return undefined
    const place = at.y * own.sizePx + at.x
    const value = own.map[place]!
    const row = Math.floor((at.y * own.gridRows) / own.sizePx)
    const column = Math.floor((at.x * own.gridColumns) / own.sizePx)
    return [
      `pixel ${at.x}, ${at.y}: ${value.toFixed(3)}, ${value > threshold.value ? 'foreground' : 'background'}`,
      ...(own.truth ? [`truly ${own.truth[place] === 1 ? 'foreground' : 'background'}`] : []),
      `patch row ${row}, column ${column}: ${formatMeasure(own.patches[row * own.gridColumns + column]!)}`,
    ].join(' · ')
  })

  const provenance = computed(() => {
    const [evaluation, own] = [place.shown.value, image.value]
    if (!evaluation || !own) return []
    return mapProvenance(evaluation, {
      path: place.scored.value?.path ?? `image ${place.imageId.value}`,
      targetText: target.value ? targetWords(target.value) : own.targetText,
      threshold: threshold.value,
      isTried: isTried.value,
      groundTruthHash: own.groundTruthHash,
      programVersion: app.app?.programVersion ?? '',
    })
  })

  async function save(map: HTMLCanvasElement | undefined, pictureUrl: string | undefined): Promise<void> {
    const evaluation = place.shown.value
    if (!map || !pictureUrl || !evaluation) return
    const isHeat = overlay.value === 'heat'
    const keys = legend.value.map(({ color, title, share }) => ({ color, title: `${title} ${formatShare(share)}` }))
    await savePicture({
      title: `mask of ${place.scored.value?.path ?? 'image'}: ${evaluationTitle(evaluation)}`,
      provenance: provenance.value,
      pictureUrl,
      map,
      opacity: overlay.value === 'none' ? 0 : opacity.value,
      colors: 'sequential',
      from: isHeat ? formatMeasure(scale.value.from) : '',
      to: isHeat ? formatMeasure(scale.value.to) : '',
      keys: isHeat ? undefined : overlay.value === 'none' ? [] : keys,
    }).catch((error: unknown) => notices.fail(error))
  }

  return {
    overlay,
    view,
    opacity,
    hasTruth,
    pixel,
    scale,
    legend,
    heatNote,
    readout,
    provenance,
    save,
    cycle: () => (overlay.value = nextOverlay(overlay.value)),
  }
}
