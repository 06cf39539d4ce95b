import { z } from 'zod';
import { fail, isKeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import { rsaPrivateKey } from '../../crypto/rsa.ts';
import type { SlotOpener } from '../slot-provider.ts';
import type { Edk } from './header.ts';
import { type RawAesKey, rawAesProvider } from './raw-aes.ts';
import { type RawRsaKey, unwrapRawRsa } from './raw-rsa.ts';
import type { UnlockOptions } from './unlock.ts';

/** Raw keys to open messages with, and what goes with them, from a keyring file. */
export type Keyring = UnlockOptions & {
  readonly aes: readonly RawAesKey[];
  readonly rsa: readonly RawRsaKey[];
};

const names = { namespace: z.string().min(1), name: z.string().min(1) };
const keyringFile = z.strictObject({
  keys: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('raw-aes'), ...names, key: z.base64() }),
        z.strictObject({
          type: z.literal('raw-rsa'),
          ...names,
          padding: z.enum(['pkcs1', 'oaep-sha1', 'oaep-sha256', 'oaep-sha384', 'oaep-sha512']),
          pem: z.string(),
        }),
      ]),
    )
    .min(1)
    .max(100),
  context: z.record(z.string(), z.string()).optional(),
  allowNonCommitting: z.boolean().optional(),
});

/**
 * Reads the JSON of a keyring file: `keys` (raw AES in base64, raw RSA in PEM, each under namespace and name)
 * and, if wanted, `context` and `allowNonCommitting` as in `UnlockOptions`. Throws `ValidationException` that names the file and the
 * field, never a value: values are secrets.
 */
export function parseKeyring(json: string, file: string): Keyring {
  const parsed = keyringFile.safeParse(jsonOf(json, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail('keyring-field-wrong', { path: file, field: issue?.path.join('.') ?? '' }, { path: file });
  }
  const { keys, context, allowNonCommitting } = parsed.data;
  const aes: RawAesKey[] = [];
  const rsa: RawRsaKey[] = [];
  for (const entry of keys) {
    const { namespace, name } = entry;
    if (entry.type === 'raw-aes') {
      const key = Buffer.from(entry.key, 'base64');
      if (![16, 24, 32].includes(key.length)) {
        throw fail('keyring-aes-key-length', { path: file, name, length: key.length }, { path: file });
      }
      aes.push({ namespace, name, key });
    } else {
      const privateKey = rsaPrivateKey(entry.pem);
      if (privateKey === undefined) {
        throw fail('keyring-rsa-key', { path: file, name }, { path: file });
      }
      rsa.push({ namespace, name, padding: entry.padding, privateKey });
    }
  }
  return {
    aes,
    rsa,
    ...(context === undefined ? {} : { context }),
    ...(allowNonCommitting === undefined ? {} : { allowNonCommitting }),
  };
}

/** What opens messages by the keys of a keyring. */
export function keyringOpeners({ aes, rsa }: Keyring): SlotOpener<Edk>[] {
  return [
    ...aes.map(rawAesProvider),
    ...rsa.map((key): SlotOpener<Edk> => ({ unwrap: async (edk) => unwrapRawRsa(key, edk) })),
  ];
}

/** Wipes the AES keys; key objects of RSA end with their last reference. */
export function wipeKeyring({ aes }: Keyring): void {
  wipe(...aes.map(({ key }) => key));
}

function jsonOf(json: string, file: string): unknown {
  try {
    return JSON.parse(json, (name, value: unknown) => {
      // It would be lost on its way through objects, and with it a pair that must match.
      if (name === '__proto__') throw fail('keyring-forbidden-name', { path: file });
      return value;
    });
  } catch (error) {
    throw isKeywardError(error) ? error : fail('keyring-not-json', { path: file });
  }
}
