/** Roles, and every edit of them. */
import type { Role } from '../../contract/role.ts'
import type { ReadDb, WriteDb } from './database.ts'

type Row = Omit<Role, 'isRetired'> & { isRetired: number }

const roleColumns = 'id, name, color, letter, description, position, is_retired AS isRetired'

/** In their order, retired ones last. */
export function listRoles(db: ReadDb): Role[] {
  const rows = db.prepare(`SELECT ${roleColumns} FROM role ORDER BY is_retired, position, id`).all() as Row[]
  return rows.map((row) => ({ ...row, isRetired: row.isRetired === 1 }))
}

/** With its edit. Call inside a transaction. */
export function insertRole(db: WriteDb, role: Omit<Role, 'id'>, madeMs: number): Role {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO role (name, color, letter, description, position, is_retired) VALUES (?, ?, ?, ?, ?, ?)')
    .run(role.name, role.color, role.letter, role.description, role.position, role.isRetired ? 1 : 0)
  const inserted = { id: Number(lastInsertRowid), ...role }
  insertRoleEdit(db, null, inserted, madeMs)
  return inserted
}

/** With its edit. Call inside a transaction. */
export function updateRole(db: WriteDb, before: Role, after: Role, madeMs: number): void {
  db.prepare(
    'UPDATE role SET name = ?, color = ?, letter = ?, description = ?, position = ?, is_retired = ? WHERE id = ?',
  ).run(after.name, after.color, after.letter, after.description, after.position, after.isRetired ? 1 : 0, after.id)
  insertRoleEdit(db, before, after, madeMs)
}

/**
 * Gives roles in use the positions from 0 on, retired ones those after them; writes what is other, with its edits. Call
 * inside a transaction.
 */
export function renumberRoles(db: WriteDb, inOrder: Role[], madeMs: number): Role[] {
  const sorted = [...inOrder].sort((a, b) => Number(a.isRetired) - Number(b.isRetired))
  return sorted.map((role, position) => {
    if (role.position === position) return role
    const moved = { ...role, position }
    updateRole(db, role, moved, madeMs)
    return moved
  })
}

function insertRoleEdit(db: WriteDb, before: Role | null, after: Role, madeMs: number): void {
  db.prepare('INSERT INTO role_edit (role_id, before, after, made_ms) VALUES (?, ?, ?, ?)').run(
    after.id,
    before && JSON.stringify(before),
    JSON.stringify(after),
    Math.round(madeMs),
  )
}
