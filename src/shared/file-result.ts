import { z } from 'zod';
import { ERROR_CODES, type ErrorDetails, type Json } from './errors.ts';
import { fileOutcome } from './file-outcome.ts';

const json = z.json() as unknown as z.ZodType<Json>;

/** An error as data; see errors.ts. */
export const errorBody = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  reason: z.string().optional(),
  params: (z.record(z.string(), json) as unknown as z.ZodType<ErrorDetails>).optional(),
  details: z.record(z.string(), json) as unknown as z.ZodType<ErrorDetails>,
});

/**
 * What happened to one file. `bytes` counts plaintext; `output` is null where nothing was written, and what stands
 * there where it was passed over for that.
 */
export const fileResult = z.object({
  source: z.string(),
  output: z.string().nullable(),
  status: z.enum(['done', 'failed', 'cancelled', 'skipped']),
  outcome: fileOutcome,
  bytes: z.number().int().nonnegative(),
  notes: z.array(z.string()).optional(),
  error: errorBody.optional(),
});

export type FileResult = z.output<typeof fileResult>;
