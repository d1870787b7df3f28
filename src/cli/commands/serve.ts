/** serve. */
import type { Command } from 'commander'
import { serve, startEngine } from '../../server/index.ts'
import { ensureRenderer } from '../ensure-renderer.ts'
import {
  cacheFolder,
  databaseFolder,
  dataFolder,
  programVersion,
  rendererFolder,
  resourcesFolder,
  settingsFolder,
} from '../folders.ts'
import { wholeNumber } from '../options.ts'
import { onlyWorkspaceIn, workspacePath } from '../session.ts'

type ServeOptions = { workspace?: string; port?: number }

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('open the workbench in a browser on this machine, or through an SSH tunnel')
    .option(
      '-w, --workspace <file>',
      'the workspace; by default the only .headwise file of the current folder, or the start screen',
    )
    .option('--port <number>', 'a port; by default any free one', wholeNumber)
    .addHelpText(
      'after',
      `
On a GPU server:
  ssh -L 7040:127.0.0.1:7040 server
  headwise serve --port 7040`,
    )
    .action(startServing)
}

async function startServing({ workspace, port }: ServeOptions): Promise<void> {
  ensureRenderer()
  const path = workspace === undefined ? onlyWorkspaceIn(process.cwd()) : workspacePath(workspace)
  const engine = await startEngine(
    {
      workspacePath: path,
      databaseFolder,
      cacheFolder: cacheFolder(),
      programVersion,
      settingsFolder: settingsFolder(),
      dataFolder: dataFolder(),
      resourcesFolder,
    },
    (how) => process.stderr.write(`The engine ended (${how}) and is started again; what was saved is saved.\n`),
  )
  try {
    const served = await serve({ home: engine, rendererFolder, port })
    const shown = path === undefined ? 'No workspace yet: the start screen offers them' : `Workspace ${path}`
    process.stdout.write(`${shown}\nOpen ${served.link}\nThe link works once. Ctrl+C stops the server.\n`)
    await stopAsked()
    await served.close()
  } finally {
    await engine.close()
  }
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
