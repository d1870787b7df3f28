/** serve. */
import type { Command } from 'commander'

export function addServeCommand(program: Command): void {
  void program
}
