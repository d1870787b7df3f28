/** The README's Python lines, run as they stand there on a real workspace, where python3 and numpy are at hand. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoWorkspace } from '../support/demo-workspace.ts'
import { type Place, projectFolder, temporaryFolder, testEngine } from '../support/sample.ts'

const canRun = spawnSync('python3', ['-c', 'import numpy, sqlite3']).status === 0
if (!canRun) console.warn('SKIPPED: the Python lines of the README are not run; python3 with numpy is not here.')

describe.skipIf(!canRun)('a workspace read from Python', () => {
  let place: Place

  beforeAll(async () => {
    place = temporaryFolder()
    const path = await demoWorkspace(place)
    const engine = await testEngine(path, place.cacheFolder, 'write')
    const { client } = engine
    const [place1] = await client['role/list']({})
    const heads = [{ layer: 5, head: 3 }]
    const change = { roleId: place1!.id, state: 'reviewed' as const, note: 'snow, city' }
    await client['label/set']({ modelId: 1, annotator: 'ada', heads, change })
    await engine.close()
  }, 120_000)

  afterAll(() => place?.remove())

  it('gives terms, labels, pools and TEXTSPAN results', () => {
    const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8')
    const snippet = /```python\n([\s\S]*?)```/.exec(readme)![1]!
    expect(snippet.trim().split('\n').length).toBeLessThanOrEqual(10)
    const check = `
import json
print(json.dumps({"labels": labels, "texts": texts[:1], "pool": [len(pool), pool[0]], "z": list(z.shape), "first": float(z[0, 0])}))
`
    const { stdout, stderr } = spawnSync('python3', ['-c', snippet + check], { cwd: place.folder, encoding: 'utf8' })
    expect(stderr).toBe('')
    const read = JSON.parse(stdout) as {
      labels: unknown[]
      texts: unknown[][]
      pool: unknown[]
      z: number[]
      first: number
    }
    expect(read.labels).toEqual([[5, 3, 'ada', 'place', 'reviewed', 'snow, city']])
    // Known from the reference implementation: golden/textspan.json, layer 5, head 3.
    expect(read.texts[0]!.slice(0, 4)).toEqual([5, 3, 0, 'a mushroom in the snow'])
    expect(read.pool).toEqual([307, 'a scene on water'])
    expect(read.z).toEqual([600, 24])
    expect(Number.isFinite(read.first)).toBe(true)
  })
})
