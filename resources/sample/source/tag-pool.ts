/**
 * Tags the sample's pool with the roles that a new workspace begins with: node resources/sample/source/tag-pool.ts
 * A text gets every role that one of its words or phrases speaks of, in the order of the list below. The phrases are
 * those of the scenes' captions (scenes.py: objects, places with night and snow among them, colors, textures, sizes, positions,
 * counts) and of the texts that are no captions. Nothing is random, and the texts stay as pool.txt has them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const colors = 'red|orange|yellow|green|blue|purple|pink|brown|black|white|gray'
const animals = 'ducks?|owls?|fish|cats?|birds?|animal'
const things = 'boats?|cars?|houses?|trees?|stars?|hearts?|balls?|box|boxes|rings?|flowers?|mushrooms?|keys?'

/** Where two roles fit, a text has both; a phrase that says something else is left out by `but`. */
const rules: { role: string; words: RegExp; but?: RegExp }[] = [
  {
    role: 'place',
    words:
      /\b(on water|on the lake|at sea|in the (forest|woods|desert|snow|city)|on the (grass|street)|on sand|in front of a brick wall|on a lake|sand dunes|at night|under the stars|in the dark|in winter|starry sky|falling snow|green grass|(in|out)door scene|(cold|warm|wet|dry) place|map of a country|laboratory|airport terminal|cathedral interior|mountain|rainforest|castle|volcano|coral reef|aerial view|party)\b/,
  },
  {
    role: 'object',
    words: new RegExp(
      `\\b(a|an|two|big|${colors}|dotted|checkered) (${things})\\b|drawing of a (${things})|\\b(vehicle|building|plant|toy|tool|to drive|that grows|to live in|sweet|soup|pasta|letter|keyboard|microscopes|locomotive|bike|x-ray|satellite|circuit board|violin|chess tournament|juice|books|shoes|watch|machine|camera|poster|statue|sculpture|vase|sweater|blanket|table|pipe|bottle|sign|traffic)\\b`,
    ),
  },
  {
    role: 'color',
    words: new RegExp(`\\b(${colors})\\b|\\b(colors?|colorful|pale|sepia|contrast)\\b`),
    but: /orange juice/,
  },
  {
    role: 'texture',
    words:
      /\b(plain|solid pattern|striped|stripes|dotted|dots|spotted|checkered|chessboard|pattern|surface|texture|lines|brick wall|marble|bronze|ceramic|knitted|wooden|rusty|shiny|fluffy|transparent|leather)\b/,
  },
  { role: 'shape', words: /\b(shape|stars?|hearts?|balls?|box|boxes|rings?)\b/, but: /under the stars/ },
  { role: 'count', words: /\b(one|two|three|single|group of|pair of|many|crowd|empty scene|stack of)\b/ },
  {
    role: 'position',
    words:
      /\b(on the (left|right)|at the (left|right|top|bottom|left side|right side)|in the (upper|lower|center|middle)|(left|right) half|row of|column of|side by side|vertically|close to the edge|far from|corner|small|tiny|little|big|large|huge|close-up|far away|fills the picture)\b/,
  },
  { role: 'letters', words: /\b(printed text|handwritten|letter|website|movie poster|comic strip|neon sign)\b/ },
  { role: 'people', words: /\b(person|people|crowd|wedding|football match|concert|tournament)\b/ },
  { role: 'animals', words: new RegExp(`\\b(${animals})\\b|that can (swim|fly)|coral reef`) },
  {
    role: 'light',
    words:
      /\b(at night|under the stars|in the dark|starry|daylight|dark scene|bright scene|bright colors|dark colors|in winter|snow|cold place|warm place|glowing|overexposed|long exposure)\b/,
  },
  { role: 'abstract', words: /\b(abstract|watercolor|sepia|blurry|overexposed|comic strip|vintage)\b/ },
]

export const tagRoles = rules.map(({ role }) => role)

export function rolesOf(text: string): string[] {
  return rules.filter(({ words, but }) => words.test(text) && !but?.test(text)).map(({ role }) => role)
}

/** Columns text and role, in the order of the texts. */
export function taggedPool(texts: string[]): string {
  const rows = texts.map((text) => `${text},${rolesOf(text).join('; ')}\n`)
  return `text,role\n${rows.join('')}`
}

const folder = join(import.meta.dirname, '..')

export function readTexts(): string[] {
  return readFileSync(join(folder, 'pool.txt'), 'utf8').split('\n').filter(Boolean)
}

if (import.meta.main) writeFileSync(join(folder, 'pool.csv'), taggedPool(readTexts()))
