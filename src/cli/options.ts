/** Options that several commands share, and numbers as options. */
import { type Command, InvalidArgumentError } from 'commander'

export function addCommonOptions(command: Command): Command {
  return command
    .option('-w, --workspace <file>', 'the workspace; by default the only .headwise file of the current folder')
    .option('--json', 'print the result as JSON')
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('A whole number from 1 on is expected.')
  return Number(text)
}

export function print(isJson: boolean | undefined, result: unknown, lines: string[]): void {
  process.stdout.write(`${isJson ? JSON.stringify(result, null, 2) : lines.join('\n')}\n`)
}
