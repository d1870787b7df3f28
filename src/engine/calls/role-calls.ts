/** Calls about roles. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Role } from '../../contract/role.ts'
import { insertRole, inTransaction, listRoles, nameKey, renumberRoles, updateRole } from '../store/index.ts'
import type { CallContext } from './context.ts'

type Calls = Pick<Engine, 'role/list' | 'role/add' | 'role/change' | 'role/order'>
type Content = Parameters<Engine['role/add']>[0]
type ChangeInput = Parameters<Engine['role/change']>[0]

export function roleCalls(context: CallContext): Calls {
  return {
    'role/list': async () => listRoles(context.db),
    'role/add': async (content) => addRole(context, content),
    'role/change': async (input) => changeRole(context, input),
    'role/order': async ({ roleIds }) => orderRoles(context, roleIds),
  }
}

function addRole(context: CallContext, content: Content): Role {
  const db = context.write()
  const added = inTransaction(db, () => {
    const roles = listRoles(db)
    refuseNameOfAnother(roles, content.name)
    const position = roles.filter(({ isRetired }) => !isRetired).length
    const role = insertRole(db, { ...content, position, isRetired: false }, context.now())
    return renumberRoles(db, [...roles, role], context.now()).find(({ id }) => id === role.id)!
  })
  context.changed('role')
  return added
}

/** A role that comes back into use goes to the end of the list. */
function changeRole(context: CallContext, { roleId, ...content }: ChangeInput): Role {
  const db = context.write()
  const { role, isOther } = inTransaction(db, () => {
    const roles = listRoles(db)
    const before = roles.find(({ id }) => id === roleId)
    if (!before) throw new HeadwiseError('not-found', `There is no role ${roleId} in this workspace.`)
    const others = roles.filter(({ id }) => id !== roleId)
    refuseNameOfAnother(others, content.name)
    const after = { ...before, ...content }
    if (isSameRole(before, after)) return { role: before, isOther: false }
    updateRole(db, before, after, context.now())
    const isMoved = before.isRetired !== after.isRetired
    const inOrder = isMoved ? [...others, after] : roles.map((role) => (role.id === roleId ? after : role))
    const saved = renumberRoles(db, inOrder, context.now())
    return { role: saved.find(({ id }) => id === roleId)!, isOther: true }
  })
  if (isOther) context.changed('role')
  return role
}

function isSameRole(a: Role, b: Role): boolean {
  return (['name', 'color', 'letter', 'description', 'isRetired'] as const).every((part) => a[part] === b[part])
}

/** Tags of pools find roles whatever their case, so names that differ in case alone would be one. */
function refuseNameOfAnother(others: Role[], name: string): void {
  const other = others.find((role) => nameKey(role.name) === nameKey(name))
  if (!other) return
  const how = other.isRetired ? 'It is retired; bring it back instead.' : 'Give this one another name.'
  throw new HeadwiseError('conflict', `A role is called "${other.name}" in this workspace already. ${how}`)
}

function orderRoles(context: CallContext, roleIds: number[]): Role[] {
  const db = context.write()
  const ordered = inTransaction(db, () => {
    const roles = listRoles(db)
    const inUse = roles.filter(({ isRetired }) => !isRetired)
    const wanted = roleIds.map((roleId) => {
      const role = inUse.find(({ id }) => id === roleId)
      if (!role)
        throw new HeadwiseError('bad-input', `An order names roles that are in use; ${roleId} is none of them.`)
      return role
    })
    if (new Set(roleIds).size !== roleIds.length || roleIds.length !== inUse.length) {
      throw new HeadwiseError(
        'bad-input',
        `An order must name each of the ${inUse.length} roles in use once; it names ${new Set(roleIds).size} of them in ${roleIds.length} entries.`,
      )
    }
    return renumberRoles(db, [...wanted, ...roles.filter(({ isRetired }) => isRetired)], context.now())
  })
  context.changed('role')
  return ordered
}
