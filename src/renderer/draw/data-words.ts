/** Models, runs and data sets in words. */
import type { ModelConfig } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { formatCount, formatError, formatMoment } from './format.ts'

const layoutNames: Record<ModelConfig['layout'], string> = {
  'open-clip': 'OpenCLIP',
  'hugging-face': 'Hugging Face',
}

/** "OpenCLIP, 24 layers x 16 heads, width 1024, 224 px in patches of 14" */
export function modelWords({ layout, vision }: ModelConfig): string {
  const { layers, heads, width, imageSizePx, patchSizePx } = vision
  const sizes = `${layers} layers × ${heads} heads, width ${width}`
  return `${layoutNames[layout]}, ${sizes}, ${imageSizePx} px in patches of ${patchSizePx}`
}

/** The worst of a model's runs speaks for it. */
export function exactnessWords(runs: readonly Run[]): string {
  if (runs.length === 0) return 'no run yet'
  const count = runs.length === 1 ? '1 run' : `${runs.length} runs`
  const refused = runs.filter(({ state }) => state === 'not-exact').length
  const errors = runs.flatMap(({ certificate }) => (certificate ? [certificate.computedError] : []))
  if (refused > 0) return `${count}, ${refused} refused as not exact`
  return errors.length === 0 ? count : `${count}, exact to ${formatError(Math.max(...errors))}`
}

/** "600 of 600 images, 2 left out · CPU · float16" */
export function extentWords({ images, total, skipped, provider, store, hasClassToClass }: Run): string {
  const leftOut = skipped > 0 ? `, ${formatCount(skipped)} left out` : ''
  const without = hasClassToClass ? '' : ', no class-to-class'
  return `${formatCount(images)} of ${formatCount(total)} images${leftOut} · ${provider.toUpperCase()} · ${store}${without}`
}

/** "exact to 2e-7, stored to 8e-5 · today 20:52" */
export function accuracyWords({ certificate, createdMs }: Run): string {
  const made = formatMoment(createdMs)
  if (!certificate) return made
  return `exact to ${formatError(certificate.computedError)}, stored to ${formatError(certificate.storedError)} · ${made}`
}

export type DecomposeChoice = {
  modelId: number
  provider: string
  store: string
  classToClass: boolean
}

/**
 * What pressing the button will do, as far as it is known: an unfinished run of the same settings goes on, a complete
 * one has nothing left to do. 'auto' may come to mean any provider, so that a run of any of them may be the one.
 */
export function decomposeWords(runs: readonly Run[], images: number, choice: DecomposeChoice): string {
  const same = runs.find(
    (run) =>
      run.state !== 'not-exact' &&
      run.modelId === choice.modelId &&
      run.store === choice.store &&
      run.hasClassToClass === choice.classToClass &&
      run.total === images &&
      (choice.provider === 'auto' || run.provider === choice.provider),
  )
  const all = `${formatCount(images)} images`
  if (!same) return `A new run over ${all}.`
  const done = same.images + same.skipped
  const hedge = choice.provider === 'auto' ? ` if ${same.provider.toUpperCase()} is chosen again` : ''
  if (same.state === 'complete') return `Run ${same.id} has all ${all} already${hedge}: nothing is left to do.`
  return `Run ${same.id} goes on${hedge}: ${formatCount(images - done)} of ${all} are left.`
}
