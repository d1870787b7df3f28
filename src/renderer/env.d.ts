/// <reference types="vite/client" />

// For the compilers that do not read single-file components; vue-tsc takes the components' own types.
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

/** What the desktop's preload script gives to the page; absent in a browser. */
interface Window {
  headwise?: {
    openDialog(kind: 'workspace' | 'folder' | 'file' | 'data-set'): Promise<string | null>
    saveDialog(kind: 'workspace'): Promise<string | null>
    pathOfFile(file: File): string
    onMenu(listener: (command: string, path?: string) => void): void
  }
}
