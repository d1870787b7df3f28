/**
 * A software Vulkan for the WebGPU tests on Linux: SwiftShader and its loader, unpacked beside the packed browser.
 * They must be in a process's environment before it starts, so tests run what needs them in a child process.
 */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** undefined where there is none: other systems bring their own graphics */
export async function softwareVulkan(): Promise<NodeJS.ProcessEnv | undefined> {
  if (process.platform !== 'linux') return undefined
  const { default: packed } = await import('@sparticuz/chromium')
  const folder = dirname(await packed.executablePath())
  const driver = join(folder, 'vk_swiftshader_icd.json')
  if (!existsSync(driver)) throw new Error(`"${driver}" must be unpacked beside the browser; it is not there.`)
  return { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: folder, XDG_RUNTIME_DIR: tmpdir() }
}
