import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], timeoutMs: number) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
})

export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/types/**/*.test.ts'], 30_000),
      project('integration', ['test/integration/**/*.test.ts'], 180_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000),
    ],
    // ONNX Runtime takes every core by itself; more test files at once only wait for each other.
    maxWorkers: 2,
  },
})
