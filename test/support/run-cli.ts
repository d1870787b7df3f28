/** The real command line in its own process. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectFolder } from './sample.ts'

export type CliResult = { code: number | null; stdout: string; stderr: string }

export function runCli(args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<CliResult> {
  const child = spawn(process.execPath, [join(projectFolder, 'src', 'cli', 'headwise.mjs'), ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
