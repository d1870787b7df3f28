/** Brings a workspace to this build's version: one SQL file a step, each in one transaction with its number. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type Database from 'better-sqlite3'
import { HeadwiseError } from '../../contract/errors.ts'

export type Migration = { version: number; name: string; sql: string }

/** @param folder `db/migrations`; files are named 0010-what.sql, numbered in tens */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const migrations = names.map((name) => ({
    version: Number(name.slice(0, 4)),
    name,
    sql: readFileSync(join(folder, name), 'utf8'),
  }))
  migrations.forEach(({ version, name }, at) => {
    const before = migrations[at - 1]?.version ?? 0
    if (!(version > before)) throw new Error(`Migration ${name} must have a number above ${before}.`)
  })
  return migrations
}

/**
 * @throws HeadwiseError 'newer-version' for a file of a newer build, 'damaged' when a step fails; the workspace then
 * stays at the last version that worked
 */
export function migrate(db: Database.Database, migrations: Migration[], path: string, { isDryRun = false } = {}): void {
  const version = db.pragma('user_version', { simple: true }) as number
  const latest = migrations.at(-1)!.version
  if (version > latest) {
    throw new HeadwiseError(
      'newer-version',
      `"${basename(path)}" was written by a newer Headwise (version ${version}; this build reads up to ${latest}). It is unchanged.`,
    )
  }
  if (isDryRun) return
  for (const migration of migrations) {
    if (migration.version > version) step(db, migration)
  }
}

function step(db: Database.Database, { version, name, sql }: Migration): void {
  const before = db.pragma('user_version', { simple: true }) as number
  const apply = db.transaction(() => {
    db.exec(sql)
    db.pragma(`user_version = ${version}`)
  })
  try {
    apply.immediate()
  } catch (cause) {
    if (/^SQLITE_(FULL|READONLY|IOERR|BUSY)/.test((cause as { code?: string }).code ?? '')) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HeadwiseError(
      'damaged',
      `Migration ${name} failed: ${reason}. The workspace is unchanged at version ${before}.`,
      { cause },
    )
  }
}
