import { z } from 'zod';

/**
 * What a method needs to be allowed before it begins. `asks`: what it calls asks for itself, key by key; `open`:
 * whoever reaches the vault may do it.
 */
export type Needs = 'asks' | 'open' | `keyward:${string}`;

/** What a schema holds that the page neither gives nor gets. */
export const offPage = z.registry<{ readonly holds: 'path' | 'secret' }>();

/** Which process holds the unlocked vault. */
export const ownerKind = z.enum(['window', 'background', 'command']);
export type OwnerKind = z.output<typeof ownerKind>;

/** An absolute path. */
export const path = z.string().min(1).max(32_768).register(offPage, { holds: 'path' });
/** Names a key: by id, ARN, alias or the short form of one. */
export const keyReference = z.string().min(1).max(2_048);
/** No input. */
export const none = z.strictObject({});
/** Bytes of a secret in base64. */
export const secretBytes = z.base64().min(1).max(8_192).register(offPage, { holds: 'secret' });
/** A recovery phrase. */
export const phraseText = z.string().max(4_096).register(offPage, { holds: 'secret' });
/** What a person shows once more for what an open vault alone does not allow; bytes in base64. */
export const freshUnlock = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), bytes: secretBytes }),
  z.strictObject({ kind: z.literal('recovery-phrase'), phrase: phraseText }),
  z.strictObject({ kind: z.literal('shares'), shares: z.array(z.string().max(4_096)).min(1).max(16) }),
]);
