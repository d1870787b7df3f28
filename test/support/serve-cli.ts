/** The real `headwise serve` in its own process, with settings and data of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectFolder } from './sample.ts'

export type ServingCli = {
  link: string
  /** of the engine's process now; undefined between its death and its next start */
  enginePid(): number | undefined
  /** what the command wrote so far */
  output(): string
  /** Ctrl+C. @returns the exit code */
  stop(): Promise<number | null>
}

/** @param folder the current folder, and where settings, data and caches go */
export async function serveByCli(args: string[], folder: string): Promise<ServingCli> {
  const child = spawn(process.execPath, [join(projectFolder, 'src', 'cli', 'headwise.mjs'), 'serve', ...args], {
    cwd: folder,
    env: {
      ...process.env,
      HEADWISE_CACHE: join(folder, 'cache'),
      HEADWISE_SETTINGS: join(folder, 'settings'),
      HEADWISE_DATA: join(folder, 'data'),
    },
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const link = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /Open (\S+)/.exec(output)
      if (found) resolve(found[1]!)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then((code) => reject(new Error(`"headwise serve" ended with ${code}: ${output}`)))
  })
  return {
    link,
    enginePid: () => childOf(child.pid!, 'engine-process.ts') ?? childOf(child.pid!, 'headwise engine'),
    output: () => output,
    stop() {
      child.kill('SIGINT')
      return ended
    },
  }
}

/** A process that changed its title is listed by it on some systems only. */
function childOf(parentPid: number, words: string): number | undefined {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  for (const line of lines) {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (Number(ppid) === parentPid && command!.includes(words)) return Number(pid)
  }
  return undefined
}
