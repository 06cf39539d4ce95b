import type { z } from 'zod';
import type { bridge } from '../../shared/bridge.ts';
import type { Input } from '../../shared/contract.ts';
import type { Credential, PersonalCredential } from '../../shared/credential.ts';

type Asked = z.output<(typeof bridge)['vault.unlock']['input']>;
/** What unlocks; files with shares were read. */
export type Unlock =
  | Exclude<Asked, { kind: 'shares' }>
  | {
      readonly kind: 'shares';
      readonly shares: readonly string[];
      readonly putBackRead?: string | undefined;
      readonly withoutAudit?: true | undefined;
    };
/** What the owner shows once more. */
export type Shown = z.output<(typeof bridge)['vault.stepUp']['input']>;
/** Bytes of the page as a buffer over the same memory. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What the owner shows once more, as the contract takes it. */
export function freshUnlock({ kind, secret }: Shown): Input<'vault.stepUp'>['credential'] {
  return kind === 'passphrase'
    ? { kind, bytes: bufferOf(secret).toString('base64') }
    : { kind, phrase: bufferOf(secret).toString('utf8') };
}

/** What unlocks, as the unlock room takes it. */
export function credentialOf(how: Exclude<Unlock, { kind: 'throw-away' }>): Credential {
  const read = readOf(how);
  if (how.kind === 'keychain') return { kind: 'keychain', ...read };
  const said = { ...read, ...(how.withoutAudit === true ? { withoutAudit: true as const } : {}) };
  if (how.kind === 'shares') return { kind: 'shares', shares: how.shares, ...said };
  const bytes = Buffer.from(how.secret.buffer, how.secret.byteOffset, how.secret.byteLength);
  return how.kind === 'passphrase'
    ? { kind: 'passphrase', bytes, ...said }
    : { kind: 'recovery-phrase', phrase: bytes.toString('utf8'), ...said };
}

/** The token of what was read of a vault that was put back, if one was given. */
export function readOf({ putBackRead }: Unlock): { readonly putBackRead?: string } {
  return putBackRead === undefined ? {} : { putBackRead };
}

/** What the owner shows to repair a vault; the bytes stay those of `shown`. */
export function repairCredential({ kind, secret }: Shown): PersonalCredential {
  const bytes = bufferOf(secret);
  return kind === 'passphrase' ? { kind, bytes } : { kind, phrase: bytes.toString('utf8') };
}
