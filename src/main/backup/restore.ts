import { fail, KeywardError } from '../../shared/errors.ts';
import type { BackupFault } from '../../shared/reasons/backup.ts';
import { ageDecrypt } from '../crypto/age.ts';
import { wipe } from '../crypto/bytes.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { RootKey } from '../unlock/root-key.ts';
import { canonicalJson } from './canonical.ts';
import { keysIn } from './collect.ts';
import { isCertified } from './device.ts';
import { type BackupDocument, ROOMS_LEFT_OUT, readDocument } from './document.ts';
import { backupAt, type FoundBackup, findBackups, isFolderOf, noBackup, readAge } from './list.ts';
import type { Manifest } from './manifest.ts';
import { BACKUP_PURPOSE, openMaterial } from './material.ts';

/** A backup that was opened and holds in every part. `passedOver`: newer ones in the folder that did not, and why. */
export type OpenedBackup = {
  readonly path: string;
  readonly manifest: Manifest;
  readonly document: BackupDocument;
  readonly root: RootKey;
  readonly passedOver: readonly { readonly path: string; readonly why: string }[];
};

/** Which backups of a folder may be opened: those that hold one of these keys, by id, and of one vault alone. */
type BackupChoice = {
  readonly keys?: readonly string[];
  readonly vault?: string;
  /** Those of which it is true come after all others. */
  readonly isKnown?: (manifest: Manifest) => boolean;
};

/**
 * Opens a backup with what a recovery secret gives: the newest whole one that the secret answers for, of those in a folder,
 * or the one at `path`. Nothing is written. Throws `BackupNotFound`, `BackupDamaged`, `BackupOfOtherVault`,
 * `WrongRecoveryPhrase` for one that was made for others, `BackupNotCertified` for one that was made for
 * this secret by a device that it never answered for, and the disk errors. The root key is the caller's to wipe.
 */
export async function openBackup(
  path: string,
  identity: RecoveryIdentity,
  { keys, vault, isKnown = () => false }: BackupChoice = {},
): Promise<OpenedBackup> {
  if (!(await isFolderOf(path)))
    return { ...(await openOne(await backupAt(path), identity, vault)), passedOver: [] };
  const all = (await findBackups(path)).filter((one) => holdsOneOf(one, keys));
  const known = all.filter(({ manifest }) => manifest !== undefined && isKnown(manifest));
  const found = [...all.filter((one) => !known.includes(one)), ...known];
  const passedOver: { path: string; why: string }[] = [];
  let first: KeywardError | undefined;
  for (const one of found) {
    try {
      return { ...(await openOne(one, identity, vault)), passedOver };
    } catch (error) {
      if (!(error instanceof KeywardError)) throw error;
      if (first === undefined || weightOf(error) > weightOf(first)) first = error;
      passedOver.push({ path: one.path, why: error.toBody().message });
    }
  }
  throw first ?? noBackup(path);
}

/** What is wrong with one that is of this phrase says more than that others are not, or of another vault. */
function weightOf({ code }: KeywardError): number {
  return code === 'BackupOfOtherVault' ? 0 : code === 'WrongRecoveryPhrase' ? 1 : 2;
}

function holdsOneOf({ manifest }: FoundBackup, keys: readonly string[] | undefined): boolean {
  return keys === undefined || manifest?.keys.some((key) => keys.includes(key)) === true;
}

async function openOne(found: FoundBackup, identity: RecoveryIdentity, vault: string | undefined) {
  const { path, manifest } = found;
  if (manifest === undefined) throw damaged(path, found.trouble);
  if (vault !== undefined && manifest.vault !== vault) throw ofOtherVault(path, manifest);
  if (!manifest.recipients.includes(identity.recipients[manifest.kind])) throw ofOthers(path, manifest);
  if (!isCertified(manifest.vault, manifest.device, identity.recipients.certifier)) {
    throw notCertified(path, manifest);
  }
  const read = await readAge(found);
  if ('trouble' in read) throw damaged(path, read.trouble);
  const opened = await ageDecrypt(read.bytes, [identity.identities[manifest.kind]]);
  if (opened.is !== 'open') throw damaged(path, 'does-not-open');
  const document = readDocument(opened.plaintext);
  wipe(opened.plaintext);
  if (document === undefined || !belongs(document, manifest)) {
    throw damaged(path, 'not-what-manifest-says');
  }
  return { path, manifest, document, root: rootOf(path, document) };
}

/** Whether document and manifest are of one backup. */
function belongs(document: BackupDocument, manifest: Manifest): boolean {
  const { vault, device, sequence, created, log } = document;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return (
    vault.id === manifest.vault &&
    canonicalJson(device) === canonicalJson(manifest.device) &&
    sequence === manifest.sequence &&
    created === manifest.created &&
    same([log.head.seq, log.head.hash], [manifest.head.seq, manifest.head.hash]) &&
    same(keysIn(document).sort(), [...manifest.keys].sort())
  );
}

/** The root key of a document, once every row and all material hold. */
function rootOf(path: string, document: BackupDocument): RootKey {
  if (!document.records.every(isRow)) throw damaged(path, 'row-of-no-backup');
  const bytes = Buffer.from(document.rootKey, 'base64');
  const root = RootKey.restored(document.vault.id, bytes);
  const key = root.purposeKey(BACKUP_PURPOSE);
  wipe(bytes);
  try {
    for (const one of document.material) {
      const material = openMaterial(key, document.vault.id, one);
      if (material === undefined) throw damaged(path, 'material', one.keyId);
      wipe(material);
    }
    return root;
  } catch (error) {
    root.wipe();
    throw error;
  } finally {
    wipe(key);
  }
}

function isRow([room, , body]: BackupDocument['records'][number]): boolean {
  if (ROOMS_LEFT_OUT.includes(room)) return false;
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

function damaged(path: string, why: BackupFault = 'not-whole', key?: string): KeywardError {
  return fail('backup-damaged', { path, why, key }, { path, why });
}

function ofOthers(path: string, { vault }: Manifest): KeywardError {
  return fail('phrase-not-of-backup', { path, vault });
}

function ofOtherVault(path: string, { vault }: Manifest): KeywardError {
  return fail('backup-of-other-vault', { path, vault });
}

function notCertified(path: string, { vault, device }: Manifest): KeywardError {
  return fail('backup-not-certified', { path, device: device.id }, { path, vault, device: device.id });
}
