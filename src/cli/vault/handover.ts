import { z } from 'zod';
import { errorBody } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail } from '../../shared/errors.ts';

/*
 * What `keyward unlock` and the background process it starts say to each other. The credential goes over the
 * child's standard input, never by its arguments or its environment, which other processes can see.
 */

/** The child's one line on its standard output. */
export const holderReport = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), pid: z.number().int() }),
  z.object({ ok: z.literal(false), error: errorBody }),
]);

const KINDS = { passphrase: 0x70, 'recovery-phrase': 0x72, shares: 0x73, keychain: 0x6b } as const;

/** Stands in the first byte with the kind: what was read of a vault that was put back follows, its length in one byte. */
const READ = 0x80;
/** Stands there too: a rescue is wanted though nothing of it is logged. */
const UNLOGGED = 0x04;
/** In place of a token: whatever there is to be read. */
const ALL = '*';

/** A credential as bytes: its kind, what was read of a vault that was put back, then what it is. The caller wipes them. */
export function packCredential(credential: Credential): Buffer {
  const { putBackRead: read, withoutAudit } = credential;
  const kind = KINDS[credential.kind] | (withoutAudit === true ? UNLOGGED : 0);
  const token = read === undefined ? undefined : Buffer.from(read === true ? ALL : read.slice(0, 255));
  const head =
    token === undefined ? Buffer.of(kind) : Buffer.concat([Buffer.of(kind | READ, token.length), token]);
  switch (credential.kind) {
    case 'passphrase':
      return Buffer.concat([head, credential.bytes]);
    case 'recovery-phrase':
      return Buffer.concat([head, Buffer.from(credential.phrase)]);
    case 'shares':
      return Buffer.concat([head, Buffer.from(credential.shares.join('\n'))]);
    case 'keychain':
      return head;
  }
}

/** The credential of `packCredential`. The caller wipes it. */
export function unpackCredential(bytes: Buffer): Credential {
  const kind = (bytes[0] ?? 0) & ~(READ | UNLOGGED);
  const length = ((bytes[0] ?? 0) & READ) === 0 ? undefined : (bytes[1] ?? 0);
  const from = length === undefined ? 1 : 2 + length;
  const rest = bytes.subarray(from);
  const token = length === undefined ? undefined : bytes.toString('utf8', 2, from);
  const read = {
    ...(token === undefined ? {} : { putBackRead: token === ALL ? (true as const) : token }),
    ...(((bytes[0] ?? 0) & UNLOGGED) === 0 ? {} : { withoutAudit: true as const }),
  };
  switch (kind) {
    case KINDS.passphrase:
      return { kind: 'passphrase', bytes: Buffer.from(rest), ...read };
    case KINDS['recovery-phrase']:
      return { kind: 'recovery-phrase', phrase: rest.toString(), ...read };
    case KINDS.shares:
      return { kind: 'shares', shares: rest.toString().split('\n'), ...read };
    case KINDS.keychain:
      return { kind: 'keychain', ...read };
    default:
      throw fail('argument-of-unlock');
  }
}
