/** How a call is declared: its input and its output, each as a schema. */
import { z } from 'zod'

export type Call<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> = {
  input: Input
  output: Output
}

export function call<Input extends z.ZodType, Output extends z.ZodType>(
  input: Input,
  output: Output,
): Call<Input, Output> {
  return { input, output }
}

/** A row's number in the workspace. */
export const Id = z.int().min(1)
/** Milliseconds since 1970, UTC. */
export const TimeMs = z.number().min(0)
/** A count from 0 on. */
export const Count = z.int().min(0)
/** A fraction, 0 to 1. */
export const Share = z.number().min(0).max(1)
export const Nothing = z.strictObject({})
