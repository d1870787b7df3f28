/**
 * Which windows were open, where, and with which workspace: a JSON file that is replaced whole at every change, so that
 * a crash of the machine brings the same windows back.
 */
import { z } from 'zod'
import { readJson, replaceJson } from '../engine/desk/saved-json.ts'

const Bounds = z.object({ x: z.number(), y: z.number(), width: z.number().min(200), height: z.number().min(200) })
export type Bounds = z.output<typeof Bounds>

const WindowState = z.object({ bounds: Bounds, isMaximized: z.boolean(), path: z.string().nullable() })
export type WindowState = z.output<typeof WindowState>

const mostWindows = 20

export class SavedWindows {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(): WindowState[] {
    return readJson(this.#path, z.array(WindowState).max(mostWindows)) ?? []
  }

  /** A disk that takes nothing keeps nobody from working. */
  save(windows: WindowState[]): void {
    try {
      replaceJson(this.#path, windows.slice(0, mostWindows))
    } catch (error) {
      console.error('The state of the windows could not be saved.', error)
    }
  }
}
