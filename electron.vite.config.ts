import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

const source = (path: string) => resolve(import.meta.dirname, 'src', path)

export default defineConfig({
  main: {
    build: {
      externalizeDeps: true,
      rollupOptions: {
        input: {
          index: source('main/index.ts'),
          'engine-process': source('main/engine-process.ts'),
          'helper-process': source('main/helper-process.ts'),
        },
      },
    },
  },
  preload: {
    // A sandboxed preload script is CommonJS and may load nothing but Electron.
    build: {
      externalizeDeps: false,
      rollupOptions: { input: source('preload/index.ts'), output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: source('renderer'),
    plugins: [vue()],
    build: { rollupOptions: { input: source('renderer/index.html') } },
  },
})
