import { z } from 'zod';
import { givenFile, handle, none, secret, shown } from './bridge-basics.ts';

/*
 * The part of the bridge that is about what is printed, shares, and the drill. What is made to be printed stays in the main
 * process; the page has handles for it.
 */

/** Shares as they were typed or pasted, and the files that have further ones. */
export const shares = z.strictObject({ secret, files: z.array(handle).max(16) });

const count = z.number().int().min(2).max(16);
const paper = z.object({ paper: handle });
/** Sizes of paper. */
const size = z.enum(['A4', 'Letter']);

/** The rows. */
export const recoveryBridge = {
  /** Makes the recovery kit: with the words of the phrase, or with lines to write them on. `isNew`: see the contract's. */
  'recovery.kit': {
    input: z.strictObject({ words: secret.optional(), isNew: z.boolean().optional() }),
    output: paper,
  },
  /** Makes a set of shares in place of an older one, and the paper with them. */
  'recovery.split': { input: z.strictObject({ shares: count, threshold: count, shown }), output: paper },
  /** Takes the shares away. */
  'recovery.unsplit': { input: z.strictObject({ shown }), output: none },
  /** Shows a paper in a window of its own. */
  'paper.show': { input: z.strictObject({ paper: handle }), output: none },
  /** `why`: what the system said when nothing was printed; nothing where the user thought better of it. */
  'paper.print': {
    input: z.strictObject({ paper: handle, size }),
    output: z.object({ printed: z.boolean(), why: z.string().optional() }),
  },
  /** Asks where to, and writes a PDF there; null when the user thought better of it. */
  'paper.save': {
    input: z.strictObject({ paper: handle, size }),
    output: z.object({ file: givenFile.nullable() }),
  },
  /** Forgets a paper, and closes the window that shows it. */
  'paper.forget': { input: z.strictObject({ paper: handle }), output: none },
  /** Asks for files with shares. */
  'shares.choose': { input: none, output: z.object({ files: z.array(givenFile) }) },
  /** Restores the newest backup aside with the phrase, and compares what a file decrypts to. Names of the files. */
  'backup.drill': {
    input: z.strictObject({ phrase: secret }),
    output: z.object({
      at: z.string(),
      created: z.string(),
      keys: z.number().int(),
      files: z.array(z.string()),
    }),
  },
} as const;

/** A size of paper. */
export type PaperSize = z.output<typeof size>;
