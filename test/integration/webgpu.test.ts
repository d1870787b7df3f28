/** The GPU path's numbers: WebGPU on a software Vulkan against the processor, through the real command line. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { segmentMethods } from '../../src/contract/segment.ts'
import { readNpy } from '../support/npy.ts'
import { runCli } from '../support/run-cli.ts'
import { largestDifference, projectFolder, sampleFolder, temporaryFolder } from '../support/sample.ts'
import { softwareVulkan } from '../support/software-vulkan.ts'

const execute = promisify(execFile)

const vulkan = await softwareVulkan()
if (!vulkan) console.warn('SKIPPED: the WebGPU test brings its software Vulkan for Linux only.')

describe.skipIf(!vulkan)('WebGPU', () => {
  it('agrees with the processor within 1e-4 on every term', async () => {
    const place = temporaryFolder()
    const cli = async (...args: string[]) => {
      const result = await runCli(args, { cwd: place.folder, env: { ...vulkan, HEADWISE_CACHE: place.cacheFolder } })
      expect(result.code, result.stderr).toBe(0)
      return result.stdout
    }
    try {
      await cli('init', 'gpu.headwise')
      await cli('model', 'add', join(sampleFolder, 'model'))
      await cli('data', 'add', join(sampleFolder, 'scenes'))
      for (const provider of ['webgpu', 'cpu']) {
        const made = await cli('decompose', '--provider', provider, '--limit', '4', '--store', 'float32', '--json')
        const run = JSON.parse(made) as {
          id: number
          provider: string
          images: number
          certificate: { isExact: boolean }
        }
        expect(run).toMatchObject({ provider, images: 4, certificate: { isExact: true } })
        await cli('export', 'npy', provider, '--run', String(run.id))
      }
      for (const name of ['attn', 'mlp', 'cls_attn', 'representation']) {
        const [gpu, cpu] = ['webgpu', 'cpu'].map((provider) =>
          readNpy(join(place.folder, provider, `scenes_${name}_model.npy`)),
        )
        expect(gpu!.shape).toEqual(cpu!.shape)
        expect(largestDifference(gpu!.data, cpu!.data)).toBeLessThan(1e-4)
      }
    } finally {
      place.remove()
    }
  })

  it('agrees with the processor on the token maps of every method', async () => {
    const mapsOn = async (provider: string) => {
      const script = join(projectFolder, 'test', 'support', 'print-maps.ts')
      const { stdout } = await execute(process.execPath, [script, provider], { env: { ...process.env, ...vulkan } })
      return JSON.parse(stdout) as number[][]
    }
    const [gpu, cpu] = [await mapsOn('webgpu'), await mapsOn('cpu')]
    for (const [at, method] of segmentMethods.entries()) {
      const largest = Math.max(...cpu[at]!.map(Math.abs))
      expect(largest).toBeGreaterThan(0)
      expect(largestDifference(gpu[at]!, cpu[at]!), method).toBeLessThan(1e-4 * largest)
    }
  })
})
