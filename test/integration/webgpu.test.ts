/** The GPU path's numbers: WebGPU on a software Vulkan against the processor, through the real command line. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readNpy } from '../support/npy.ts'
import { runCli } from '../support/run-cli.ts'
import { largestDifference, sampleFolder, temporaryFolder } from '../support/sample.ts'
import { softwareVulkan } from '../support/software-vulkan.ts'

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
})
