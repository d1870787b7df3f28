/** Options that narrow a data set to some images. */
import type { Command } from 'commander'
import type { ImageFilter } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'

export type FilterOptions = { split?: string; label?: string; where?: string[] }

export function addFilterOptions(command: Command): Command {
  return command
    .option('--split <name>', 'only images of this split')
    .option('--label <label>', 'only images with this label')
    .option('--where <attribute=content...>', 'only images with this content of an attribute')
}

export function filterOf({ split, label, where }: FilterOptions): ImageFilter {
  if (!where) return { split, label }
  const pairs = where.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new HeadwiseError('bad-input', `--where takes attribute=content; it got "${text}".`)
    return [text.slice(0, at), text.slice(at + 1)]
  })
  return { split, label, attributes: Object.fromEntries(pairs) as Record<string, string> }
}
