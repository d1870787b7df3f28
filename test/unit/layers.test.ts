/** The rule that keeps the layers apart bites: for every pair of layers, lint a text that imports one from the other. */
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../support/sample.ts'

const allowed: Record<string, string[]> = {
  contract: [],
  engine: ['contract'],
  main: ['engine', 'contract'],
  server: ['engine', 'contract'],
  cli: ['engine', 'contract', 'server'],
  preload: ['contract'],
  renderer: ['contract'],
}
const layers = Object.keys(allowed)
const pairs = layers.flatMap((from) => layers.filter((to) => to !== from).map((to) => [from, to] as const))

let eslint: ESLint
beforeAll(() => {
  eslint = new ESLint({ cwd: projectFolder })
})

async function isRefused(layer: string, source: string): Promise<boolean> {
  const [result] = await eslint.lintText(`import { x } from '${source}'\nexport const y = x\n`, {
    filePath: join(projectFolder, 'src', layer, 'lint-probe.ts'),
  })
  return result!.messages.some(({ ruleId }) => ruleId === 'no-restricted-imports')
}

describe('layers', () => {
  it.each(pairs)('%s importing %s', async (from, to) => {
    expect(await isRefused(from, `../${to}/index.ts`)).toBe(!allowed[from]!.includes(to))
  })

  it('keep libraries where they belong', async () => {
    expect(await isRefused('contract', 'zod')).toBe(false)
    expect(await isRefused('contract', 'ws')).toBe(true)
    expect(await isRefused('renderer', 'node:fs')).toBe(true)
    expect(await isRefused('engine', 'electron')).toBe(true)
    expect(await isRefused('main', 'electron')).toBe(false)
  })
})
