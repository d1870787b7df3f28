/** The taxonomy of head roles that people edit. */
import { z } from 'zod'
import { call, Count, Id, Nothing } from './call.ts'

export const Role = z.object({
  id: Id,
  name: z.string(),
  /** #rrggbb */
  color: z.string(),
  /** one character that stands for the role beside its colour, such as "P" */
  letter: z.string(),
  description: z.string(),
  /** place in the list, from 0; the first nine have the keys 1 to 9 */
  position: Count,
  /** taken off the list; labels that have it keep it */
  isRetired: z.boolean(),
})
export type Role = z.output<typeof Role>

const RoleContent = {
  name: z.string().trim().min(1).max(60),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  letter: z.string().trim().min(1).max(2),
  description: z.string().max(2000).default(''),
}

export const roleCalls = {
  /** In their order, retired ones last. */
  'role/list': call(Nothing, z.array(Role)),
  /** @throws 'conflict' when another role has the name */
  'role/add': call(z.strictObject(RoleContent), Role),
  'role/change': call(z.strictObject({ roleId: Id, ...RoleContent, isRetired: z.boolean().default(false) }), Role),
  /** All roles that are not retired, in the wanted order. */
  'role/order': call(z.strictObject({ roleIds: z.array(Id) }), z.array(Role)),
}
