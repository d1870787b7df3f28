/** Documents say what is there: every link leads somewhere, every command exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../support/sample.ts'

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'db/schema.md',
  'test/quarantine.md',
  'resources/pools/README.md',
  'resources/sample/source/README.md',
]
const read = (name: string) => readFileSync(join(projectFolder, name), 'utf8')

describe('documents', () => {
  it.each(documents)('%s links to files that are there', (name) => {
    for (const [, target] of read(name).matchAll(/\]\(([^)#]+)\)/g)) {
      if (!target!.startsWith('https://'))
        expect(existsSync(join(projectFolder, dirname(name), target!)), target).toBe(true)
    }
  })

  it.each(documents)('%s names npm commands that exist', (name) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, script] of read(name).matchAll(/npm run ([\w:]+)/g)) expect(scripts, script).toHaveProperty(script!)
  })

  it('db/schema.md has a paragraph for every table', () => {
    const folder = join(projectFolder, 'db', 'migrations')
    const sql = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n')
    // A table that is made anew has the end _new until it takes the old one's name.
    const tables = [...sql.matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table!.replace(/_new$/, ''))
    expect(tables.length).toBeGreaterThan(15)
    for (const table of tables) expect(read('db/schema.md'), table).toContain(`**${table}**`)
  })
})
