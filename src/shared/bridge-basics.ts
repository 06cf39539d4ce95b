import { z } from 'zod';

/* What the rows of the bridge are made of. */

/** No input, or nothing to answer. */
export const none = z.strictObject({});

/** The page's name for a file or folder, which only the main process can turn into a path. */
export const handle = z.string().regex(/^[a-z]-[0-9a-f]{32}$/);

/** The bytes of a passphrase, a phrase or another secret. */
export const secret = z.instanceof(Uint8Array).refine((bytes) => bytes.length <= 4_096, 'is too long');

/** What the owner is recognised by once more. */
export const shown = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), secret }),
  z.strictObject({ kind: z.literal('recovery-phrase'), secret }),
]);

/** A file or folder that the user gave by dropping or choosing it; `bytes` is null for folders. */
export const givenFile = z.object({
  id: handle,
  name: z.string(),
  folder: z.string(),
  kind: z.enum(['file', 'encrypted', 'folder', 'other', 'missing']),
  bytes: z.number().int().nonnegative().nullable(),
});

/** See `givenFile`. */
export type GivenFile = z.output<typeof givenFile>;
