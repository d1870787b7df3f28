/**
 * What is known of heads: descriptions, effects, correlations, images along directions, token maps. All of it belongs
 * to finished runs and results, which never change, so it is kept while the workspace is open.
 */
import { defineStore } from 'pinia'
import { watch } from 'vue'
import type { Direction, HeadEffect, HeadImages, HeadPlace } from '../../contract/head.ts'
import type { Client } from '../../contract/index.ts'
import type { Evidence } from '../../contract/label.ts'
import type { PoolText } from '../../contract/pool.ts'
import type { DescribedHead, TextSpan } from '../../contract/text-span.ts'
import { headName } from '../draw/format.ts'
import { makeAnswerCache } from './answer-cache.ts'
import { useAppStore } from './appStore.ts'
import { useLabelStore } from './labelStore.ts'

export type Correlations = Awaited<ReturnType<Client['head/correlations']>>
export type TokenMap = Awaited<ReturnType<Client['head/token-map']>>

/** Where a head's images are looked at: over the images of the result where there is one, else over all of the run. */
export type ImagesOf = { runId: number; textSpan?: TextSpan; place: HeadPlace; direction: Direction }

/** Images shown at each end. */
export const shownImages = 24

export const useHeadStore = defineStore('heads', () => {
  const app = useAppStore()
  const labels = useLabelStore()
  const client = () => app.client()

  const described = makeAnswerCache<Map<string, DescribedHead>>(12)
  const effects = makeAnswerCache<Map<string, number>>(12)
  const correlations = makeAnswerCache<Correlations>(4)
  const evidence = makeAnswerCache<Map<string, Evidence>>(12)
  /** texts of a pool's version by their id */
  const poolTexts = makeAnswerCache<Map<number, PoolText>>(4)
  const images = makeAnswerCache<HeadImages>(400)
  const tokenMaps = makeAnswerCache<TokenMap>(600)
  const caches = [described, effects, correlations, evidence, poolTexts, images, tokenMaps]

  watch(
    () => app.app?.workspacePath,
    () => caches.forEach((cache) => cache.forget()),
  )
  // Tags find roles by their names.
  watch(
    () => labels.roles,
    () => evidence.forget(),
  )

  const byHead = <Content extends HeadPlace>(list: Content[]) =>
    new Map(list.map((content) => [headName(content.layer, content.head), content]))

  const imagesKey = ({ runId, textSpan, place, direction }: ImagesOf) =>
    `${runId} ${textSpan?.id ?? ''} ${headName(place.layer, place.head)} ${JSON.stringify(direction)}`
  // A principal direction is that of the result's images, so its map belongs to their filter too.
  const mapKey = (imageId: number, { runId, place, direction, textSpan }: ImagesOf) =>
    `${runId} ${imageId} ${headName(place.layer, place.head)} ${JSON.stringify([direction, textSpan?.filter])}`

  return {
    described: (textSpanId: number) => described.look(String(textSpanId)),
    askDescribed: (textSpanId: number) =>
      described.ask(String(textSpanId), async () => byHead((await client()['text-span/read']({ textSpanId })).heads)),
    effects: (runId: number) => effects.look(String(runId)),
    askEffects: (runId: number) =>
      effects.ask(
        String(runId),
        async () =>
          new Map(
            (await client()['head/effects']({ runId })).map(({ layer, head, variance }: HeadEffect) => [
              headName(layer, head),
              variance,
            ]),
          ),
      ),
    correlations: (runId: number) => correlations.look(String(runId)),
    askCorrelations: (runId: number) => correlations.ask(String(runId), () => client()['head/correlations']({ runId })),
    evidence: (textSpanId: number) => evidence.look(String(textSpanId)),
    askEvidence: (textSpanId: number) =>
      evidence.ask(String(textSpanId), async () => byHead(await client()['label/evidence']({ textSpanId }))),
    poolTexts: (versionId: number) => poolTexts.look(String(versionId)),
    askPoolTexts: (versionId: number) =>
      poolTexts.ask(
        String(versionId),
        async () => new Map((await client()['pool/texts']({ versionId })).map((text) => [text.id, text])),
      ),
    images: (of: ImagesOf) => images.look(imagesKey(of)),
    askImages: (of: ImagesOf) =>
      images.ask(imagesKey(of), () =>
        client()['head/images']({
          runId: of.runId,
          ...of.place,
          direction: of.direction,
          filter: of.textSpan?.filter,
          textSpanId: of.textSpan?.id,
          count: shownImages,
        }),
      ),
    tokenMap: (imageId: number, of: ImagesOf) => tokenMaps.look(mapKey(imageId, of)),
    askTokenMap: (imageId: number, of: ImagesOf) =>
      tokenMaps.ask(mapKey(imageId, of), () =>
        client()['head/token-map']({
          runId: of.runId,
          imageId,
          ...of.place,
          direction: of.direction,
          filter: of.textSpan?.filter,
        }),
      ),
  }
})
