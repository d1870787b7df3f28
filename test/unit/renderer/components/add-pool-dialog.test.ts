// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import type { Pool } from '../../../../src/contract/pool.ts'
import AddPoolDialog from '../../../../src/renderer/components/pool/AddPoolDialog.vue'

let unmount: (() => void) | undefined
afterEach(() => unmount?.())

async function typed(name: string, hasEdits: boolean): Promise<string> {
  const wrapper = mount(AddPoolDialog, {
    attachTo: document.body,
    props: {
      open: true,
      pools: [{ name: 'birds' } as Pool],
      hasEdits: () => hasEdits,
      isBusy: false,
      error: undefined,
    },
  })
  unmount = () => wrapper.unmount()
  await flushPromises()
  const field = document.querySelector<HTMLInputElement>('.dialog input')!
  expect(document.activeElement).toBe(field)
  field.value = name
  field.dispatchEvent(new Event('input'))
  await flushPromises()
  return document.querySelector('.dialog')!.textContent
}

it('says what becomes of a known pool and of the edits of its draft', async () => {
  expect(await typed('birds', true)).toMatch(/as a new version\.\s+They take the place of its draft/)
  unmount!()
  const calm = await typed('birds', false)
  expect(calm).toContain('it gets these texts as a new version')
  expect(calm).not.toContain('draft')
  unmount!()
  expect(await typed('fish', true)).not.toContain('There is a pool')
})
