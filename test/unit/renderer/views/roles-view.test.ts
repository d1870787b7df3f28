// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Role } from '../../../../src/contract/role.ts'
import { useLabelStore } from '../../../../src/renderer/stores/labelStore.ts'
import RolesView from '../../../../src/renderer/views/RolesView.vue'
import { type Answers, pageOfCalls } from '../../../support/page-of-calls.ts'

const { saveFile } = vi.hoisted(() => ({ saveFile: vi.fn() }))
vi.mock('../../../../src/renderer/draw/save-file.ts', async (original) => ({
  ...(await original<object>()),
  saveFile,
}))

const role = (id: number, name: string, position: number, change: Partial<Role> = {}): Role => ({
  id,
  name,
  color: '#0072b2',
  letter: name[0]!.toUpperCase(),
  description: '',
  position,
  isRetired: false,
  ...change,
})
const label = (head: number, annotator: string, roleId: number, note = '', state = 'reviewed') => ({
  layer: 5,
  head,
  annotator,
  roleId,
  confidence: null,
  state,
  note,
  editId: 1,
  madeMs: 1,
  textSpanId: null,
})
const labels = [label(0, 'mara', 1), label(1, 'mara', 2, 'mine'), label(0, 'jonas', 1), label(1, 'jonas', 1, 'his')]
const nothing = { template: '<p />' }

let unmount: (() => void) | undefined
afterEach(() => {
  unmount?.()
  saveFile.mockClear()
})

async function page(change: Answers = {}, path = '/roles') {
  let roles = [role(1, 'place', 0), role(2, 'count', 1), role(3, 'old', 2, { isRetired: true })]
  const answers: Answers = {
    'workspace/describe': () => ({}),
    'model/list': () => [{ id: 1, name: 'tiny', hash: 'c'.repeat(64) }],
    'data-set/list': () => [],
    'run/list': () => [],
    'pool/list': () => [],
    'text-span/list': () => [],
    'job/list': () => [],
    'role/list': () => roles,
    'role/add': (content: object) => {
      const added = { ...role(9, 'new', roles.length), ...content }
      roles = [...roles, added]
      return added
    },
    'role/order': ({ roleIds }: { roleIds: number[] }) => {
      const rank = (own: Role) => (own.isRetired ? 99 : roleIds.indexOf(own.id))
      return (roles = [...roles].sort((a, b) => rank(a) - rank(b)))
    },
    'role/change': ({ roleId, ...content }: { roleId: number }) => {
      roles = roles.map((own) => (own.id === roleId ? { ...own, ...content } : own))
      return roles.find(({ id }) => id === roleId)
    },
    'label/list': () => labels,
    'label/undo-state': () => ({ undo: null, redo: null }),
    'label/agreement': () => ({
      heads: 2,
      agreed: 1,
      kappa: 0,
      roleIds: [1, 2],
      counts: new Int32Array([1, 0, 1, 0]),
      disputes: [{ layer: 5, head: 1, first: labels[1], second: labels[3] }],
    }),
    ...change,
  }
  const made = await pageOfCalls({ data: nothing, image: nothing, heads: nothing, roles: RolesView }, path, answers)
  await useLabelStore().load()
  await flushPromises()
  unmount = () => made.wrapper.unmount()
  const { wrapper } = made
  const button = (name: string) => wrapper.findAll('button').find((found) => found.text().includes(name))!
  const rows = () =>
    wrapper.findAll('[aria-label="Roles"] tbody tr').map((row) => row.findAll('td')[1]!.text().slice(1))
  const field = (name: string) =>
    wrapper
      .findAll('.field')
      .find((found) => found.text().startsWith(name))!
      .get<HTMLInputElement>('input, textarea')
  return { ...made, button, rows, field, text: () => wrapper.text().replace(/\s+/g, ' ') }
}

describe('the taxonomy of roles', () => {
  it('shows roles in their order with their keys and how often they are used, retired ones last', async () => {
    const { wrapper, rows } = await page()
    expect(rows()).toEqual(['place', 'count', 'old'])
    const cells = wrapper
      .findAll('[aria-label="Roles"] tbody tr')
      .map((row) => row.findAll('td').map((cell) => cell.text()))
    expect(cells.map(([key, , , uses]) => [key, uses])).toEqual([
      ['1', '3'],
      ['2', '1'],
      ['', '0'],
    ])
  })

  it('moves a role by Alt and an arrow', async () => {
    const { wrapper, rows, inputsOf } = await page()
    const down = (at: number) => wrapper.findAll('[aria-label="Roles"] tbody tr')[at]!
    ;(down(0).element as HTMLElement).focus()
    await down(0).trigger('keydown', { key: 'ArrowDown', altKey: true })
    await flushPromises()
    expect(inputsOf('role/order')).toEqual([{ roleIds: [2, 1] }])
    expect(rows()).toEqual(['count', 'place', 'old'])
    expect(document.activeElement).toBe(down(1).element)
    await down(1).trigger('keydown', { key: 'ArrowDown', altKey: true })
    await flushPromises()
    expect(inputsOf('role/order')).toHaveLength(1)
  })

  it('adds a role, and keeps what was typed when that fails', async () => {
    const { button, field, text, inputsOf, answers, rows } = await page()
    const add = answers['role/add']!
    answers['role/add'] = () => {
      throw new Error('A role is called "place" in this workspace already. Give this one another name.')
    }
    await button('Add a role').trigger('click')
    await field('Name').setValue('weather')
    await field('Name').trigger('change')
    await field('What it means').setValue('rain and snow')
    expect(field('Letter').element.value).toBe('W')
    await button('Add role').trigger('submit')
    await flushPromises()
    expect(text()).toContain('A role is called "place" in this workspace already.')
    expect([field('Name').element.value, field('What it means').element.value]).toEqual(['weather', 'rain and snow'])
    answers['role/add'] = add
    await button('Add role').trigger('submit')
    await flushPromises()
    expect(inputsOf('role/add').at(-1)).toEqual({
      name: 'weather',
      color: '#e69f00',
      letter: 'W',
      description: 'rain and snow',
    })
    expect(rows()).toContain('weather')
  })

  it('takes a colour of its own, and only when it is one', async () => {
    const { wrapper, button, inputsOf } = await page()
    const hex = wrapper.get<HTMLInputElement>('input[aria-label="Colour as hexadecimal number"]')
    await hex.setValue('12345')
    expect(button('Save').attributes('disabled')).toBeDefined()
    await hex.setValue('A1B2C3')
    await button('Save').trigger('submit')
    await flushPromises()
    expect(inputsOf('role/change')).toEqual([
      { roleId: 1, name: 'place', color: '#a1b2c3', letter: 'P', description: '', isRetired: false },
    ])
  })

  it('retires a role and brings it back', async () => {
    const { button, inputsOf, text } = await page()
    await button('Retire').trigger('click')
    await flushPromises()
    expect(inputsOf('role/change').at(-1)).toMatchObject({ roleId: 1, isRetired: true })
    expect(text()).toContain('Bring back')
  })
})

describe('agreement', () => {
  it('is between the two that are chosen, with kappa, both’s roles and the heads on which they differ', async () => {
    const { wrapper, text, inputsOf } = await page()
    expect(inputsOf('label/agreement').at(-1)).toEqual({ modelId: 1, first: 'mara', second: 'jonas' })
    expect(text()).toContain('0.000')
    expect(text()).toMatch(/same role ?1 50 %/)
    expect(wrapper.get('[title*="(p_o − p_e) / (1 − p_e)"]').text()).toContain('kappa')
    const dispute = wrapper.get('.disputes tbody tr')
    expect(dispute.get('a').attributes('href')).toContain('head=L5.H1')
    expect(dispute.text()).toContain('mine')
    expect(dispute.text()).toContain('his')
  })

  it('needs two annotators', async () => {
    const { text } = await page({ 'label/list': () => [label(0, 'mara', 1)] })
    expect(text()).toContain('Labels of one annotator so far.')
  })
})

describe('label packs', () => {
  const pack = {
    format: 'headwise-labels',
    version: 1,
    model: { hash: 'c'.repeat(64), name: 'tiny' },
    labels: [1, 2, 3],
  }
  const preview = {
    added: 1,
    same: 2,
    conflicts: [
      { layer: 5, head: 0, annotator: 'jonas', mine: 'place', theirs: 'count' },
      { layer: 5, head: 1, annotator: 'jonas', mine: 'place', theirs: 'weather' },
    ],
    newRoles: ['weather'],
    warnings: ['Version 3 of the pool "other" is not here.'],
  }
  async function drop(wrapper: Awaited<ReturnType<typeof page>>['wrapper'], content: string) {
    const file = new File([content], 'labels.json')
    await wrapper.get('.target').trigger('drop', { dataTransfer: { files: [file] } })
    await flushPromises()
    await flushPromises()
  }

  it('are written for all annotators or one', async () => {
    const { button, inputsOf } = await page({ 'label/export': () => pack }, '/roles?tab=packs')
    await button('Only mara (2)').trigger('click')
    await flushPromises()
    expect(inputsOf('label/export')).toEqual([{ modelId: 1, annotator: 'mara' }])
    const [name, content] = saveFile.mock.calls[0] as [string, string]
    expect(name).toBe('labels-tiny-mara.json')
    expect(JSON.parse(content)).toEqual(pack)
  })

  it('show what they would change, and take theirs only where that was said', async () => {
    const { wrapper, text, button, inputsOf } = await page(
      { 'label/preview-import': () => preview, 'label/import': () => ({ imported: 2, kept: 3 }) },
      '/roles?tab=packs',
    )
    await drop(wrapper, JSON.stringify(pack))
    expect(text()).toContain('1 new, 2 the same, 2 in conflict. New roles: weather.')
    expect(text()).toContain('Version 3 of the pool "other" is not here.')
    const table = wrapper.get('.conflicts [role="rowgroup"]')
    for (const key of ['ArrowDown', 'ArrowDown', 't']) await table.trigger('keydown', { key })
    expect(button('Take in 2').exists()).toBe(true)
    await button('Take in').trigger('click')
    await flushPromises()
    expect(inputsOf('label/import')).toEqual([
      { modelId: 1, pack, takeTheirs: [{ layer: 5, head: 1, annotator: 'jonas' }] },
    ])
    expect(text()).not.toContain('in conflict')
  })

  it('say what is wrong with a file', async () => {
    const { wrapper, text } = await page(
      {
        'label/preview-import': () => {
          throw new Error('The labels are of the checkpoint "other"; this one is "tiny".')
        },
      },
      '/roles?tab=packs',
    )
    await drop(wrapper, '{"format"')
    expect(text()).toContain('“labels.json” must be a label pack in JSON; it cannot be read:')
    await drop(wrapper, '{}')
    expect(text()).toContain('The labels are of the checkpoint "other"; this one is "tiny".')
  })
})
