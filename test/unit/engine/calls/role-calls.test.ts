/** The taxonomy of roles through its calls. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let workspace: LabelWorkspace
beforeEach(() => {
  place = temporaryFolder()
  workspace = labelWorkspace(join(place.folder, 'a.headwise'))
})
afterEach(() => {
  workspace.close()
  place.remove()
})

const weather = { name: 'weather', color: '#123abc', letter: 'W', description: 'rain and sun' }
const placeRole = { name: 'place', color: '#0072b2', letter: 'P', description: 'rooms' }
const list = () => workspace.client['role/list']({})
const names = async () => (await list()).map(({ name, isRetired }) => (isRetired ? `(${name})` : name))
const edits = () =>
  workspace.db.prepare('SELECT role_id, before, after, made_ms FROM role_edit ORDER BY id').all() as {
    role_id: number
    before: string | null
    after: string
    made_ms: number
  }[]

describe('roles', () => {
  it('begin with twelve, each with a colour and a letter of its own, in order', async () => {
    const roles = await list()
    expect(roles.map(({ position }) => position)).toEqual([...Array(12).keys()])
    expect(roles[0]).toEqual({
      id: 1,
      name: 'place',
      color: '#0072b2',
      letter: 'P',
      description: 'where the picture was taken: rooms, landscapes, countries',
      position: 0,
      isRetired: false,
    })
    expect(new Set(roles.map(({ color }) => color)).size).toBe(12)
    expect(new Set(roles.map(({ letter }) => letter)).size).toBe(12)
  })

  it('are added at the end, kept, and logged', async () => {
    workspace.clock.nowMs = 77
    const added = await workspace.client['role/add'](weather)
    expect(added).toEqual({ id: 13, ...weather, position: 12, isRetired: false })
    workspace.reopen()
    expect((await list()).at(-1)).toEqual(added)
    expect(edits()).toEqual([{ role_id: 13, before: null, after: JSON.stringify(added), made_ms: 77 }])
    expect(workspace.events).toEqual([{ topic: 'role' }])
  })

  it('have names of their own, whatever the case', async () => {
    await expect(workspace.client['role/add']({ ...weather, name: ' Place ' })).rejects.toThrow(
      'A role is called "place" in this workspace already. Give this one another name.',
    )
    await expect(workspace.client['role/change']({ roleId: 2, ...placeRole, name: 'PLACE' })).rejects.toThrow(
      'A role is called "place" in this workspace already. Give this one another name.',
    )
    await workspace.client['role/change']({ roleId: 1, ...placeRole, isRetired: true })
    await expect(workspace.client['role/add']({ ...weather, name: 'place' })).rejects.toThrow(
      'A role is called "place" in this workspace already. It is retired; bring it back instead.',
    )
    await expect(workspace.client['role/change']({ roleId: 99, ...weather })).rejects.toThrow(
      'There is no role 99 in this workspace.',
    )
  })

  it('change with what they were in the log; what changes nothing is not logged', async () => {
    const before = (await list())[0]!
    const changed = await workspace.client['role/change']({ roleId: 1, ...placeRole, name: 'Place' })
    expect(changed).toEqual({ id: 1, ...placeRole, name: 'Place', position: 0, isRetired: false })
    expect(await workspace.client['role/change']({ roleId: 1, ...placeRole, name: 'Place' })).toEqual(changed)
    expect(edits()).toMatchObject([{ role_id: 1, before: JSON.stringify(before), after: JSON.stringify(changed) }])
    expect(workspace.events).toHaveLength(1)
  })

  it('go off the list when retired, and come back to its end', async () => {
    await workspace.client['role/change']({ roleId: 1, ...placeRole, isRetired: true })
    expect(await names()).toEqual([
      ...['object', 'color', 'texture', 'shape', 'count', 'position', 'letters', 'people', 'animals', 'light'],
      ...['abstract', '(place)'],
    ])
    expect((await list()).map(({ position }) => position)).toEqual([...Array(12).keys()])
    await workspace.client['role/add'](weather)
    await workspace.client['role/change']({ roleId: 1, ...placeRole })
    expect((await names()).slice(-3)).toEqual(['abstract', 'weather', 'place'])
    expect((await list()).map(({ position }) => position)).toEqual([...Array(13).keys()])
  })

  it('stand in any order that names each of them once', async () => {
    const ids = (await list()).map(({ id }) => id)
    const ordered = await workspace.client['role/order']({ roleIds: [12, ...ids.slice(0, 11)] })
    expect(ordered.map(({ id, position }) => [id, position]).slice(0, 2)).toEqual([
      [12, 0],
      [1, 1],
    ])
    expect(await list()).toEqual(ordered)
    await expect(workspace.client['role/order']({ roleIds: ids.slice(1) })).rejects.toThrow(
      'An order must name each of the 12 roles in use once; it names 11 of them in 11 entries.',
    )
    await expect(workspace.client['role/order']({ roleIds: [...ids.slice(1), ids[1]!] })).rejects.toThrow(
      'An order must name each of the 12 roles in use once; it names 11 of them in 12 entries.',
    )
    await expect(workspace.client['role/order']({ roleIds: [...ids.slice(1), 99] })).rejects.toThrow(
      'An order names roles that are in use; 99 is none of them.',
    )
    await workspace.client['role/change']({ roleId: 1, ...placeRole, isRetired: true })
    await expect(workspace.client['role/order']({ roleIds: ids })).rejects.toThrow(
      'An order names roles that are in use; 1 is none of them.',
    )
  })
})
