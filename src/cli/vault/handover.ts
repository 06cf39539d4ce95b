import { z } from 'zod';
import { errorBody } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { KeywardError } from '../../shared/errors.ts';

/*
 * What `keyward unlock` and the background process it starts say to each other. The credential goes over the
 * child's standard input, never by its arguments or its environment, which other processes can see.
 */

/** The child's one line on its standard output. */
export const holderReport = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), pid: z.number().int() }),
  z.object({ ok: z.literal(false), error: errorBody }),
]);

const KINDS = { passphrase: 0x70, 'recovery-phrase': 0x72, keychain: 0x6b } as const;

/** A credential as bytes: its kind, then what it is. The caller wipes them. */
export function packCredential(credential: Credential): Buffer {
  const kind = Buffer.from([KINDS[credential.kind]]);
  switch (credential.kind) {
    case 'passphrase':
      return Buffer.concat([kind, credential.bytes]);
    case 'recovery-phrase':
      return Buffer.concat([kind, Buffer.from(credential.phrase)]);
    case 'keychain':
      return kind;
  }
}

/** The credential of `packCredential`. The caller wipes it. */
export function unpackCredential(bytes: Buffer): Credential {
  const rest = bytes.subarray(1);
  switch (bytes[0]) {
    case KINDS.passphrase:
      return { kind: 'passphrase', bytes: Buffer.from(rest) };
    case KINDS['recovery-phrase']:
      return { kind: 'recovery-phrase', phrase: rest.toString() };
    case KINDS.keychain:
      return { kind: 'keychain' };
    default:
      throw new KeywardError('Usage', 'This argument is for keyward unlock itself. Use: keyward unlock');
  }
}
