import { z } from 'zod';

/** Names a key: by id, ARN, alias or the short form of one. */
export const keyReference = z.string().min(1).max(2_048);
/** No input. */
export const none = z.strictObject({});
/** Bytes of a secret in base64. */
export const secretBytes = z.base64().min(1).max(8_192);
/** What a person shows once more for what an open vault alone does not allow; bytes in base64. */
export const freshUnlock = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), bytes: secretBytes }),
  z.strictObject({ kind: z.literal('recovery-phrase'), phrase: z.string().max(4_096) }),
]);
