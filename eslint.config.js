/** Lint rules. The import direction of the layers is a rule here, not a habit: see CONTRIBUTING.md. */
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** What each layer may import besides itself. */
const mayImport = {
  contract: [],
  engine: ['contract'],
  main: ['engine', 'contract'],
  server: ['engine', 'contract'],
  cli: ['engine', 'contract', 'server'],
  preload: ['contract'],
  renderer: ['contract'],
}
const layers = Object.keys(mayImport)

function layerRule(layer) {
  const forbidden = layers.filter((other) => other !== layer && !mayImport[layer].includes(other))
  const message = `${layer} may import ${['itself', ...mayImport[layer]].join(', ')} only.`
  const patterns = [{ regex: `^(\\.\\./)+(src/)?(${forbidden.join('|')})/`, message }]
  if (layer === 'contract')
    patterns.push({ regex: '^(?!zod$|\\.)', message: 'The contract imports no library but zod.' })
  if (layer !== 'main' && layer !== 'preload') patterns.push({ regex: '^electron(/|$)', message })
  if (layer === 'renderer') patterns.push({ regex: '^node:', message: 'There is no Node in the page.' })
  const files = [`src/${layer}/**/*.{ts,vue}`]
  return { files, ignores: ['**/vite.config.ts'], rules: { 'no-restricted-imports': ['error', { patterns }] } }
}

export default tseslint.config(
  { ignores: ['node_modules/**', 'out/**', 'resources/sample/**'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'no-undef': 'off',
      'vue/no-v-html': 'error',
      // Prettier lays the templates out.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,vue}', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    ignores: ['**/*.d.ts', '**/vite.config.ts'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  ...layers.map(layerRule),
)
