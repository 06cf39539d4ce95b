import { type Keyring, parseKeyring, wipeKeyring } from '../envelope/aws/keyring.ts';

/** Suites of AWS messages by their names in the contract. */
export const SUITES = { '0478': 0x0478, '0578': 0x0578 } as const;

/** Reads a keyring for the time of one call. Throws `ValidationException`. */
export async function withKeyring<T>(
  text: { readonly name: string; readonly json: string } | undefined,
  use: (keys: { readonly keyring?: Keyring }) => Promise<T>,
): Promise<T> {
  if (text === undefined) return use({});
  const keyring = parseKeyring(text.json, text.name);
  try {
    return await use({ keyring });
  } finally {
    wipeKeyring(keyring);
  }
}
