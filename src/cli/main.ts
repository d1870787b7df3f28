/** The command line: one program, a file of commands a topic. Every failure is one line and a non-zero exit. */
import { Command } from 'commander'
import { HeadwiseError } from '../contract/errors.ts'
import { addDataCommands } from './commands/data.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addLabelCommands } from './commands/labels.ts'
import { addRunCommands } from './commands/run.ts'
import { addSegmentCommands } from './commands/segment.ts'
import { addServeCommand } from './commands/serve.ts'
import { addStudyCommands } from './commands/study.ts'
import { addWorkspaceCommands } from './commands/workspace.ts'
import { programVersion } from './folders.ts'

function buildProgram(): Command {
  const program = new Command('headwise')
    .description(
      "Decomposes CLIP's image representation over layers, heads and MLPs, and describes every head with texts.",
    )
    .version(programVersion)
    // `--version` behind a command is that command's.
    .enablePositionalOptions()
    .showHelpAfterError('(run the command with --help for its options)')
    .addHelpText(
      'after',
      `
A first session:
  headwise init sample.headwise
  headwise model add resources/sample/model
  headwise data add resources/sample/scenes
  headwise decompose
  headwise pool add resources/sample/pool.txt
  headwise textspan
  headwise ablate --attribute object`,
    )
  addWorkspaceCommands(program)
  addDataCommands(program)
  addRunCommands(program)
  addStudyCommands(program)
  addSegmentCommands(program)
  addLabelCommands(program)
  addServeCommand(program)
  addDemoCommand(program)
  return program
}

/** Exit codes: 1 something failed, 2 the words were wrong, 130 stopped by Ctrl+C. */
function report(error: unknown): number {
  if (error instanceof HeadwiseError) {
    process.stderr.write(`headwise: ${error.message}\n`)
    if (error.code === 'cancelled') return 130
    return error.code === 'bad-input' || error.code === 'ambiguous' ? 2 : 1
  }
  const message = error instanceof Error ? (process.env.HEADWISE_DEBUG ? error.stack : error.message) : String(error)
  process.stderr.write(`headwise: unexpected failure: ${message}\n`)
  return 1
}

try {
  await buildProgram().parseAsync()
} catch (error) {
  process.exitCode = report(error)
}
