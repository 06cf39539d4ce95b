import { z } from 'zod';
import type { Records } from '../../store/records.ts';
import type { ReadTx, Tx } from '../../store/transaction.ts';
import { damagedRow } from '../errors.ts';
import { type Policy, parsePolicy } from '../policy/document.ts';
import type { PolicyKind } from '../policy/policy-kind.ts';

const ROOM = 'key-policies';
/** How much policy text is kept parsed, in UTF-16 units; parsed, it takes many times as much memory. */
const MAX_CACHED = 262_144;

/** Reads a key policy as it stands in the database. */
export const policyRow = z.strictObject({ policy: z.string() });

/** Key policies. A key without a row has AWS's default policy: the account's own policies decide. */
export class PolicyRows {
  readonly #records: Records;
  readonly #account: string;

  constructor(records: Records, account: string) {
    this.#records = records;
    this.#account = account;
  }

  /** The text of a key's policy, as it was put. */
  text(tx: ReadTx, keyId: string): string {
    return this.#records.get(tx, ROOM, keyId, policyRow)?.policy ?? defaultPolicy(this.#account);
  }

  /** A key's policy, parsed. Throws `VaultDamaged`. */
  policy(tx: ReadTx, keyId: string): Policy {
    const text = this.text(tx, keyId);
    try {
      return readPolicy(text, 'key');
    } catch {
      throw damagedRow(`${ROOM}/${keyId}`);
    }
  }

  put(tx: Tx, keyId: string, policy: string): void {
    this.#records.put(tx, ROOM, keyId, { policy });
  }

  /** Removes a key's policy: the default applies again, or the key is gone. */
  remove(tx: Tx, keyId: string): void {
    this.#records.remove(tx, ROOM, keyId);
  }
}

/** The policy of a key that was made without one (KMS Developer Guide, "Default key policy"). */
export function defaultPolicy(account: string): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    null,
    2,
  );
}

const cache = new Map<string, Policy>();
let cached = 0;

/**
 * `parsePolicy` with a cache by text: a policy is parsed once, not at each call. Throws
 * `MalformedPolicyDocumentException`.
 */
export function readPolicy(text: string, kind: PolicyKind): Policy {
  const name = `${kind}:${text}`;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const policy = parsePolicy(text, kind);
  if (cached + name.length > MAX_CACHED) {
    cache.clear();
    cached = 0;
  }
  cache.set(name, policy);
  cached += name.length;
  return policy;
}
