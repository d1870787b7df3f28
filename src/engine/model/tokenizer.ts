/** Texts to token ids with the checkpoint's own tokenizer.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { HeadwiseError } from '../../contract/errors.ts'
import { tokenizerName } from './checkpoint.ts'

export type EncodedText = {
  /** Begins with the start token, ends with the end token; at most the context length. */
  ids: number[]
  /** Tokens that did not fit into the context. */
  cutTokens: number
}

export type TextTokenizer = { encode(text: string): EncodedText }

/**
 * @param contextLength  the text tower's positions; longer texts keep their beginning and the end token
 * @throws HeadwiseError 'damaged' when tokenizer.json is not a tokenizer
 */
export function openTokenizer(folder: string, contextLength: number, vocabularySize: number): TextTokenizer {
  const path = join(folder, tokenizerName)
  let tokenizer: Tokenizer
  try {
    tokenizer = new Tokenizer(JSON.parse(readFileSync(path, 'utf8')), {})
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${tokenizerName}" must be a Hugging Face tokenizer; it cannot be read.`, {
      cause,
    })
  }
  return {
    encode(text) {
      const { ids } = tokenizer.encode(text)
      if (ids.length === 0) throw new HeadwiseError('damaged', `"${tokenizerName}" gives no tokens for "${text}".`)
      const outside = ids.find((id) => id >= vocabularySize)
      if (outside !== undefined) {
        throw new HeadwiseError(
          'damaged',
          `"${tokenizerName}" must give ids below the vocabulary size ${vocabularySize}; "${text}" gives ${outside}.`,
        )
      }
      if (ids.length <= contextLength) return { ids, cutTokens: 0 }
      return { ids: [...ids.slice(0, contextLength - 1), ids.at(-1)!], cutTokens: ids.length - contextLength }
    },
  }
}
