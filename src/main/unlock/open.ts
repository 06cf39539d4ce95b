import type { Credential, PersonalCredential } from '../../shared/credential.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import { isLoweredArgon2Cost, isSaneArgon2Cost } from '../crypto/passphrase.ts';
import type { Store } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import type { Keychain } from './keychain.ts';
import { passphraseCandidates } from './passphrase.ts';
import { decodeRecord, type ProtectorKind, type ProtectorRecord } from './record.ts';
import { openRecoveryRecord } from './recovery-record.ts';
import { RootKey } from './root-key.ts';
import { protectorKeys, recoveryEntropy } from './secret.ts';
import { openShares } from './shares.ts';

type Row = { id: string; kind: string; record: Buffer };
type Sorted = {
  readonly fitting: readonly ProtectorRecord[];
  readonly damaged: readonly string[];
  /** Records of passphrases that cost less than any that Keyward sets. */
  readonly lowered: readonly string[];
};

/**
 * Opens the root key. What is wrong has its own error: `WrongPassphrase`, `WrongRecoveryPhrase`,
 * `KeychainUnavailable` (with details.reason), `ProtectorMissing` (the vault, or the keychain, has none of this
 * kind), `ProtectorDamaged` or, where its cost was lowered, `ProtectorWeakened`, naming the record. The caller then verifies the records, the identity and the
 * protectors before it trusts anything.
 */
export async function openRootKey(
  store: Store,
  credential: Credential,
  keychain: Keychain,
): Promise<RootKey> {
  const { vaultId, rows } = store.read((tx) => ({
    vaultId: readIdentity(tx).id,
    rows: tx.all<Row>('SELECT id, kind, record FROM protectors ORDER BY id'),
  }));
  const { fitting, damaged, lowered } = sortRows(rows, credential.kind, vaultId);
  const suspicion = suspicionOf(lowered, damaged);
  if (fitting.length === 0) throw suspicion ?? missing(credential.kind);
  const secrets = await secretsOf(credential, keychain, vaultId);
  try {
    for (const secret of secrets) {
      for (const record of fitting) {
        const root = await openRecord(record, secret);
        if (root !== undefined) return root;
      }
    }
  } finally {
    wipe(...secrets);
  }
  throw suspicion ?? wrong(credential.kind);
}

/**
 * As `openRootKey`, by records alone, of which there is at least one and all are of a personal credential's kind; gives the
 * facts of the one that opened too.
 */
export async function openFittingRecord(
  records: readonly ProtectorRecord[],
  credential: PersonalCredential,
): Promise<{ readonly root: RootKey; readonly facts: ProtectorRecord['facts'] }> {
  const secrets = await personalSecrets(credential);
  try {
    for (const secret of secrets) {
      for (const record of records) {
        if (record.facts.cost !== undefined && !isSaneArgon2Cost(record.facts.cost)) continue;
        const root = await openRecord(record, secret);
        if (root !== undefined) return { root, facts: record.facts };
      }
    }
  } finally {
    wipe(...secrets);
  }
  throw wrong(credential.kind);
}

/** The sound records of this kind, and the ids of damaged ones that are or may have been of it. */
function sortRows(rows: readonly Row[], kind: ProtectorKind, vaultId: string): Sorted {
  const fitting: ProtectorRecord[] = [];
  const damaged: string[] = [];
  const lowered: string[] = [];
  for (const row of rows) {
    const record = decodeRecord(row.record);
    if (record === undefined) {
      if (row.kind === kind) damaged.push(row.id);
      continue;
    }
    const { facts } = record;
    if (facts.vaultId !== vaultId) throw foreign(row.id);
    if (facts.kind !== kind && row.kind !== kind) continue;
    if (facts.id !== row.id || facts.kind !== row.kind) {
      damaged.push(row.id);
      continue;
    }
    const { cost } = facts;
    if (cost !== undefined && isLoweredArgon2Cost(cost)) lowered.push(row.id);
    if (cost === undefined || isSaneArgon2Cost(cost)) fitting.push(record);
    else if (!lowered.includes(row.id)) damaged.push(row.id);
  }
  return { fitting, damaged, lowered };
}

/**
 * What a protector's record gives by a secret; `undefined`: the secret is another one. Throws `ProtectorDamaged` where
 * the secret is right and the root key does not open all the same.
 */
export async function openRecord(record: ProtectorRecord, secret: Uint8Array): Promise<RootKey | undefined> {
  if (record.sealing === 'age') {
    const opened = await openRecoveryRecord(record, secret);
    if (opened === 'damaged') throw broken(record.facts.id);
    return opened === 'wrong' ? undefined : opened;
  }
  const keys = await protectorKeys(record.facts, secret);
  try {
    if (!equalBytes(keys.check, record.check)) return undefined;
    const root = RootKey.unwrap(record.facts.vaultId, keys.wrap, record.header, record.wrapped);
    // The secret is right, so what does not open was changed by someone who also renewed the checksum.
    if (root === undefined) throw broken(record.facts.id);
    return root;
  } finally {
    wipe(keys.wrap);
  }
}

async function personalSecrets(credential: PersonalCredential): Promise<Buffer[]> {
  if (credential.kind === 'shares') return [(await openShares(credential.shares)).secret];
  return credential.kind === 'passphrase'
    ? passphraseCandidates(credential.bytes)
    : [recoveryEntropy(credential.phrase)];
}

/** What a credential may stand for: of a passphrase each form that it may have been set in. */
async function secretsOf(credential: Credential, keychain: Keychain, vaultId: string): Promise<Buffer[]> {
  if (credential.kind !== 'keychain') return personalSecrets(credential);
  const secret = await keychain.get(vaultId);
  if (secret !== undefined) return [Buffer.from(secret, 'base64')];
  throw fail('no-keychain-entry', {}, { kind: 'keychain' });
}

function missing(kind: ProtectorKind): KeywardError {
  return fail('way-not-set-up', { kind });
}

function wrong(kind: ProtectorKind): KeywardError {
  switch (kind) {
    case 'passphrase':
      return fail('passphrase-wrong');
    case 'recovery-phrase':
      return fail('recovery-phrase-of-another-vault');
    case 'shares':
      return fail('shares-of-another-vault');
    case 'keychain':
      return fail('keychain-entry-does-not-open', {}, { kind });
  }
}

/** Why what was entered may be right although it did not open; `undefined`: there is no reason to think so. */
function suspicionOf(lowered: readonly string[], damaged: readonly string[]): KeywardError | undefined {
  if (lowered[0] !== undefined) return weakened(lowered[0]);
  return damaged[0] === undefined ? undefined : broken(damaged[0]);
}

function weakened(id: string): KeywardError {
  return fail('passphrase-record-weakened', { protector: id });
}

function broken(id: string): KeywardError {
  return fail('protector-record-damaged', { protector: id });
}

function foreign(id: string): KeywardError {
  return fail('protector-of-another-vault', { protector: id }, { row: 'vault', protector: id });
}
