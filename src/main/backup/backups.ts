import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { BackupFolder, BackupKind, BackupMade } from '../../shared/backup-contract.ts';
import type { Clock } from '../../shared/clock.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { ageEncrypt } from '../crypto/age.ts';
import { wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { isInside } from '../disk/inside.ts';
import { factsAt, listFolder, realPath } from '../disk/tree.ts';
import { unsafeForDatabase, volumeAt } from '../disk/volume.ts';
import type { ReadTx } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import { recoverySets } from '../unlock/recovery-recipients.ts';
import { type BackupSource, collect, keysIn } from './collect.ts';
import { certifiersOf, type DeviceFacts, isCertified } from './device.ts';
import { encodeDocument, isRestorable, MAX_BACKUP_BYTES } from './document.ts';
import { isDue, markOf } from './due.ts';
import type { BackupFolders, NamedFolder } from './folders.ts';
import { type FoundBackup, findBackups } from './list.ts';
import {
  backupName,
  encodeManifest,
  parseBackupName,
  readManifest,
  signManifest,
  type UnsignedManifest,
} from './manifest.ts';
import type { OwnPlaces } from './own-heads.ts';
import { type KeysOfVault, pruneBackups } from './prune.ts';
import { removeUnfinished, writeBackup } from './write.ts';

/** What backups are made with. */
type BackupsOptions = BackupSource & {
  readonly folders: BackupFolders;
  readonly clock: Clock;
  /** The setting: for which kind of recipients. */
  readonly kind: () => BackupKind;
};

/** How one backup is made. `tell`: reports which step is being done, of how many. */
type MakeOptions = {
  readonly principal: string;
  readonly signal: AbortSignal;
  readonly kind?: BackupKind;
  readonly tell?: (done: number, of: number, path: string) => void;
};

const STEPS = 3;

/** The backups of the open vault: makes them, one after the other, and knows where they go. */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #troubles = new Map<string, string>();
  /** How many shredded keys there were when backups were last looked through for them: once for each, and at each unlock. */
  #purged = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** Whether there is anybody to make backups for. */
  isPossible(tx: ReadTx): boolean {
    const { records, device } = this.#options;
    const facts = device.facts(tx);
    const certifiers = facts === undefined ? [] : certifiersOf(facts);
    return recoverySets(tx, records).some((set) => certifiers.includes(set.certifier));
  }

  /**
   * Writes a backup into a folder that is there, reads it back, dates it, and removes what it makes up for. Throws
   * `NoRecoveryRecipient`, `VaultDamaged` for records that don't hold, `TargetInVault`, `IoFailed` for a disk that gives
   * something else back, and the other disk errors.
   */
  create(folder: string, options: MakeOptions): Promise<BackupMade> {
    const made = this.#last.then(() => this.#create(folder, options));
    this.#last = made.catch(() => undefined);
    return made;
  }

  /** Resolves when none is being made. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Has a folder get backups by itself. Throws `TargetInVault`, and what the disk says of one that is not there. */
  async addFolder(given: string, principal: string): Promise<void> {
    const path = await this.#place(given);
    const volume = await volumeAt(path);
    const { folders, audit, clock } = this.#options;
    audit.write((tx) => {
      folders.add(tx, { path, volume }, clock.now());
      audit.append(tx, { ...ownEvent(principal, 'AddBackupFolder', {}), file: { path } });
    });
  }

  /** Takes that back; what was written there stays. Throws `BackupNotFound` for a folder that was not named. */
  async removeFolder(given: string, principal: string): Promise<void> {
    const { folders, audit } = this.#options;
    const real = await realPath(given).catch(() => given);
    audit.write((tx) => {
      const path = [given, real].find((one) => folders.remove(tx, one));
      if (path === undefined) throw notNamed(given);
      audit.append(tx, { ...ownEvent(principal, 'RemoveBackupFolder', {}), file: { path } });
      this.#troubles.delete(path);
    });
  }

  /** The folders that get backups by themselves, as they stand now. */
  async folders(): Promise<BackupFolder[]> {
    const { store, folders } = this.#options;
    const { named, done } = store.read((tx) => ({ named: folders.list(tx), done: folders.done(tx) }));
    return Promise.all(
      named.map(async (folder) => {
        const last = done.find(({ path }) => path === folder.path);
        const trouble = this.#troubles.get(folder.path);
        const isThere = await this.#isThere(folder);
        return {
          path: folder.path,
          state: isThere ? ('there' as const) : ('away' as const),
          synced: (await unsafeForDatabase(folder.path).catch(() => undefined)) !== undefined,
          ...(last === undefined ? {} : { last: { at: isoOf(last.at), sequence: last.sequence } }),
          ...(trouble === undefined ? {} : { trouble }),
        };
      }),
    );
  }

  /** Where this installation's own backups are now, as far as folders are there; `undefined` where it makes none. */
  async ownPlaces(): Promise<OwnPlaces | undefined> {
    const places = this.possiblePlaces();
    if (places === undefined) return undefined;
    const there = await Promise.all(places.folders);
    return { ...places, folders: there.filter((folder) => folder !== undefined) };
  }

  /** The same, each folder once it is known to be there, or `undefined`: a disk that does not answer holds up no other. */
  possiblePlaces():
    | (Omit<OwnPlaces, 'folders'> & { readonly folders: readonly Promise<string | undefined>[] })
    | undefined {
    const { store, folders, device, root } = this.#options;
    const known = store.read((tx) => ({
      named: folders.list(tx),
      done: folders.done(tx),
      device: device.facts(tx),
    }));
    if (known.device === undefined) return undefined;
    const named = known.named.map(({ path }) => path);
    const others = known.done.map(({ path }) => path).filter((path) => !named.includes(path));
    return {
      vault: root.vaultId,
      device: known.device,
      folders: [
        ...known.named.map(async (folder) => ((await this.#isThere(folder)) ? folder.path : undefined)),
        ...others.map((path) => Promise.resolve(path)),
      ],
    };
  }

  /** The newest backup that was read back, wherever it is. */
  newest(): { readonly at: string; readonly path: string; readonly sequence: number } | undefined {
    const { store, folders } = this.#options;
    const [last] = store.read((tx) => folders.done(tx));
    return last === undefined ? undefined : { at: isoOf(last.at), path: last.path, sequence: last.sequence };
  }

  /**
   * Writes a backup to each folder that is there and wants one; what fails is told by `folders`, and tried again. Gives
   * how many were written.
   */
  async createDue(principal: string, signal: AbortSignal): Promise<number> {
    let made = 0;
    for (const folder of await this.#due()) {
      try {
        await this.create(folder, { principal, signal });
        made += 1;
      } catch (error) {
        if (!isKeywardError(error) || signal.aborted) throw error;
        this.#troubles.set(folder, error.toBody().message);
      }
    }
    return made;
  }

  async #due(): Promise<string[]> {
    const { store, folders, audit, clock } = this.#options;
    const due = store.read((tx) => {
      const named = folders.list(tx);
      if (named.length === 0 || !this.isPossible(tx)) return [];
      const now = { mark: markOf(tx), head: audit.head().seq, now: clock.now() };
      const done = folders.done(tx);
      return named.filter(({ path }) =>
        isDue(
          done.find((one) => one.path === path),
          now,
        ),
      );
    });
    const there = await Promise.all(due.map((folder) => this.#isThere(folder)));
    return [...due.filter((_, index) => there[index]).map(({ path }) => path), ...(await this.#toPurge())];
  }

  /** Folders without a name for backups that have own ones with a key that was shredded since: a new one replaces them. */
  async #toPurge(): Promise<string[]> {
    const { store, records } = this.#options;
    const shredded = store.read((tx) => records.count(tx, 'shredded-keys'));
    if (shredded === this.#purged || !store.read((tx) => this.isPossible(tx))) return [];
    const named = store.read((tx) => this.#options.folders.list(tx)).map(({ path }) => path);
    const places = await this.ownPlaces();
    const { isShredded } = this.keysOfVault();
    const found: string[] = [];
    for (const folder of places?.folders ?? []) {
      if (named.includes(folder)) continue;
      const backups = await findBackups(folder).catch(() => []);
      const isOwn = ({ manifest }: FoundBackup) =>
        manifest?.vault === places?.vault && manifest?.device.id === places?.device.id;
      if (backups.some((one) => isOwn(one) && one.manifest?.keys.some(isShredded))) found.push(folder);
    }
    this.#purged = shredded;
    return found;
  }

  async #isThere({ path, volume }: NamedFolder): Promise<boolean> {
    return (await volumeAt(path).catch(() => undefined)) === volume;
  }

  async #create(given: string, options: MakeOptions): Promise<BackupMade> {
    const { principal, signal, tell = () => undefined } = options;
    const { store, folders, audit, device, clock, root } = this.#options;
    const kind = options.kind ?? this.#options.kind();
    const { facts, recipients, opensWith } = this.#for(kind);
    const folder = await this.#place(given);
    tell(0, STEPS, folder);
    const prefix = `${root.vaultId}-${facts.id}-`;
    await removeUnfinished(folder, prefix);
    const highest = await highestIn(folder, prefix);
    const sequence = store.write((tx) => folders.nextSequence(tx, highest));
    const mark = store.read(markOf);
    const created = isoOf(clock.now());
    const document = await collect(this.#options, { sequence, created, device: facts }, signal);
    tell(1, STEPS, folder);
    if (!isRestorable(document)) throw notRestorable(folder);
    const plaintext = encodeDocument(document);
    const age = await ageEncrypt(plaintext, recipients).finally(() => wipe(plaintext));
    const unsigned: UnsignedManifest = {
      keyward: 'manifest/1',
      vault: document.vault.id,
      device: facts,
      ...{ sequence, created, kind },
      sha256: sha256(age).toString('hex'),
      bytes: age.length,
      head: document.log.head,
      keys: keysIn(document),
      recipients: [...recipients],
    };
    const manifest = store.read((tx) => signManifest(unsigned, (message) => device.sign(tx, message)));
    const encoded = encodeManifest(manifest);
    if (readManifest(encoded) === undefined || age.length > MAX_BACKUP_BYTES) throw notRestorable(folder);
    const name = backupName(manifest);
    tell(2, STEPS, folder);
    await writeBackup(folder, name, { age, manifest: encoded }, signal);
    audit.write((tx) => {
      const { seq } = audit.append(tx, {
        ...ownEvent(principal, 'CreateBackup', { sequence, device: facts.id, sha256: unsigned.sha256 }),
        file: { path: join(folder, `${name}.age`) },
      });
      folders.note(tx, { path: folder, sequence, at: clock.now(), sha256: unsigned.sha256, mark, head: seq });
    });
    this.#troubles.delete(folder);
    const pruned = await pruneBackups(
      folder,
      { vault: root.vaultId, device: facts.id, publicKey: facts.publicKey },
      this.keysOfVault(),
    );
    const notes = await notesOn(folder);
    return {
      path: join(folder, `${name}.age`),
      ...{ folder, sequence, created, kind, pruned },
      bytes: age.length,
      keys: unsigned.keys.length,
      files: document.catalog.length,
      opensWith,
      ...(notes.length === 0 ? {} : { notes }),
    };
  }

  /** Who makes it, for whom, and what restores it. Throws `NoRecoveryRecipient`. */
  #for(kind: BackupKind): {
    readonly facts: DeviceFacts;
    readonly recipients: readonly string[];
    readonly opensWith: BackupMade['opensWith'];
  } {
    const { store, records, device, root } = this.#options;
    return store.read((tx) => {
      const sets = recoverySets(tx, records);
      const facts = device.facts(tx);
      if (facts === undefined || !this.isPossible(tx)) throw nobody(readIdentity(tx).throwAway);
      // Shares that never answered for this device restore none of its backups.
      const live = sets.filter(({ certifier }) => isCertified(root.vaultId, facts, certifier));
      const ways = live.map(({ shares }) => (shares === undefined ? 'recovery-phrase' : 'shares'));
      return { facts, recipients: sets.map((set) => set[kind]), opensWith: [...new Set(ways)] };
    });
  }

  /** What the vault knows of keys as it is now. */
  keysOfVault(): KeysOfVault {
    const { store, records } = this.#options;
    const idsIn = (room: string) =>
      new Set(store.read((tx) => records.list(tx, room, z.unknown()).map(({ id }) => id)));
    const [keys, shredded] = [idsIn('keys'), idsIn('shredded-keys')];
    return { known: (key) => keys.has(key) || shredded.has(key), isShredded: (key) => shredded.has(key) };
  }

  /** The real path of a folder that may have backups. */
  async #place(given: string): Promise<string> {
    const path = await realPath(given);
    if ((await factsAt(path, true))?.kind !== 'folder') throw noFolder(given);
    if (await isInside(path, dirname(this.#options.store.path))) {
      throw fail('backup-in-vault', { path: given });
    }
    return path;
  }
}

async function highestIn(folder: string, prefix: string): Promise<number> {
  const names = (await listFolder(folder)).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  const numbers = names.map((name) => parseBackupName(name.replace(/\.age$/, '.json'))?.sequence ?? 0);
  return numbers.reduce((most, one) => Math.max(most, one), 0);
}

async function notesOn(folder: string): Promise<string[]> {
  const why = await unsafeForDatabase(folder);
  if (why === undefined) return [];
  return [
    why === 'synced'
      ? 'A program copies this folder elsewhere, so whoever has those copies has the backup too: it opens with the recovery phrase, or with shares where there are some, and with nothing else.'
      : 'The folder is on a network disk: others who reach it can remove the backup, but not open it.',
  ];
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function nobody(throwAway: boolean): KeywardError {
  return fail(throwAway ? 'throw-away-has-no-backups' : 'no-recovery-recipient');
}

/** As of a clock that stands behind the year 9999, or more keys than a manifest has room for. */
function notRestorable(path: string): KeywardError {
  return fail('backup-not-restorable', { path });
}

function notNamed(path: string): KeywardError {
  return fail('folder-gets-no-backups', { path });
}

function noFolder(path: string): KeywardError {
  return fail('backup-folder-is-file', { path });
}
