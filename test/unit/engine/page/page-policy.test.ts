import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allowedStyles, pagePolicy, styleHashes } from '../../../../src/engine/page/page-policy.ts'

describe('the page policy', () => {
  it('allows the styles that it names, by their hashes, and no inline script', () => {
    expect(styleHashes).toEqual(allowedStyles.map((style) => createHash('sha256').update(style).digest('base64')))
    expect(pagePolicy).not.toContain('unsafe')
    expect(pagePolicy).toContain("default-src 'none'; script-src 'self';")
  })

  it('names the rule as the component library writes it', () => {
    const library = createRequire(import.meta.url).resolve('reka-ui')
    const source = readFileSync(join(library, '..', 'utils', 'style.js'), 'utf8')
    expect(source).toContain('`*{cursor: ${style}!important;}`')
    for (const style of allowedStyles.slice(1)) {
      expect(source).toContain(/cursor: ([a-z-]+)/.exec(style)![1])
    }
  })
})
