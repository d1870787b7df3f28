/** serve. */
import type { Command } from 'commander'
import { serve } from '../../server/index.ts'
import { rendererFolder } from '../folders.ts'
import { ensureRenderer } from '../ensure-renderer.ts'
import { wholeNumber } from '../options.ts'
import { type CommonOptions, withSession } from '../session.ts'

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('open the workbench in a browser on this machine, or through an SSH tunnel')
    .option('-w, --workspace <file>', 'the workspace; by default the only .headwise file of the current folder')
    .option('--port <number>', 'a port; by default any free one', wholeNumber)
    .addHelpText(
      'after',
      `
On a GPU server:
  ssh -L 7040:127.0.0.1:7040 server
  headwise serve --port 7040`,
    )
    .action(async (options: CommonOptions & { port?: number }) => {
      ensureRenderer()
      await withSession(options, 'write', async ({ opened, path }) => {
        const served = await serve({ opened, rendererFolder, port: options.port, onError: logFailure })
        process.stdout.write(`Workspace ${path}\nOpen ${served.link}\nThe link works once. Ctrl+C stops the server.\n`)
        await stopAsked()
        await served.close()
      })
    })
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function logFailure(name: string, error: unknown): void {
  const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown }
  process.stderr.write(
    `${name}: ${code ?? 'internal'}: ${message ?? String(error)}${cause ? ` (${String(cause)})` : ''}\n`,
  )
}
