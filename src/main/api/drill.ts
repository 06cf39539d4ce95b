import { join } from 'node:path';
import type { DrillResult } from '../../shared/backup-contract.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { findBackups, newestFirst, noBackup } from '../backup/list.ts';
import { sha256 } from '../crypto/hash.ts';
import { openFile } from '../disk/file.ts';
import { factsAt, makeFolder, realPath, removeTree } from '../disk/tree.ts';
import { fileSource } from '../envelope/io.ts';
import { databasePath } from '../home/paths.ts';
import { Store } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import { MemoryKeychain } from '../unlock/keychain.ts';
import { openRootKey } from '../unlock/open.ts';
import type { FileJobServices } from '../vault/jobs.ts';
import { decryptPipe } from '../vault/pipes.ts';
import type { Call } from './call.ts';
import { noteDrill } from './drill-date.ts';
import { fileServicesOf } from './file-services.ts';
import { restoreVault } from './restore.ts';
import { type Services, wireServices } from './services.ts';

const STEPS = 3;

/** Among how many files of the catalog one that exists is looked for. */
const MAX_LOOKED_AT = 1_000;

/** Removes what a drill that was killed has left. `home`: the vault's folder. */
export function removeScratch(home: string): Promise<void> {
  return removeTree(scratchOf(home));
}

/**
 * Restores the newest backup that can be reached into a folder of its own below the vault's, opens it with the phrase, and
 * decrypts files by it and by this vault: the named ones, or the newest of the catalog that is there. What is decrypted is
 * compared by digests, and is never written. A drill that goes well is dated under the vault's MACs and logged. Throws what
 * `restoreVault` throws, `BackupNotFound`, `RecoveryDrillFailed` naming a file, and what decrypting throws.
 */
export async function runDrill(
  {
    services,
    files,
    home,
  }: { readonly services: Services; readonly files: FileJobServices; readonly home: string },
  input: { readonly phrase: string; readonly files?: readonly string[] | undefined },
  call: Call,
): Promise<DrillResult> {
  const tell = (done: number, source: string) =>
    call.progress({ done, total: STEPS, file: 1, files: 1, source });
  const from = await newestBackup(services);
  tell(0, from);
  const scratch = scratchOf(home);
  await removeTree(scratch);
  await makeFolder(join(scratch, 'run'));
  try {
    const claim = { home: scratch, release: async () => undefined };
    const made = await restoreVault(claim, {
      ...{ from, phrase: input.phrase, keychain: false },
      ...{ signal: call.signal, clock: services.clock },
    });
    tell(1, from);
    const named = input.files ?? (await newestFile(services));
    const same = await withScratch(scratch, input.phrase, services, async (restored) => {
      for (const path of named) {
        call.signal.throwIfAborted();
        tell(2, path);
        const [a, b] = [await digestOf(files, path, call), await digestOf(restored, path, call)];
        if (!a.equals(b)) throw differs(path, from);
      }
    }).then(() => named);
    const { created, device, sequence } = made.backup;
    const at = services.clock.now();
    services.audit.write((tx) => {
      noteDrill(tx, services.records, { at, created, device, sequence });
      services.audit.append(
        tx,
        ownEvent(call.caller.principal, 'RecoveryDrill', { created, device, sequence, files: same.length }),
      );
    });
    return { at: new Date(at).toISOString(), backup: made.backup, keys: made.keys, files: [...same] };
  } finally {
    await removeTree(scratch);
  }
}

function scratchOf(home: string): string {
  return join(home, 'drill');
}

async function newestBackup({ backups, vault }: Services): Promise<string> {
  const places = await backups.ownPlaces();
  const found = await Promise.all(
    (places?.folders ?? []).map((folder) => findBackups(folder).catch(() => [])),
  );
  const [newest] = newestFirst(found.flat()).filter(
    ({ manifest, trouble }) => trouble === undefined && manifest?.vault === vault.id,
  );
  if (newest === undefined) throw noBackup(places?.folders.join(', ') || 'any folder that is there');
  return newest.path;
}

/** The newest file of the catalog that is there; none where there is no such file. */
async function newestFile({ store, files }: Services): Promise<string[]> {
  const entries = store.read((tx) => {
    const some: { at: number; path: string }[] = [];
    for (const { entry } of files.each(tx)) {
      some.push({ at: entry.at, path: entry.path });
      if (some.length >= MAX_LOOKED_AT) break;
    }
    return some;
  });
  for (const { path } of entries.sort((a, b) => b.at - a.at)) {
    if ((await factsAt(path, true).catch(() => undefined))?.kind === 'file') return [path];
  }
  return [];
}

async function withScratch<T>(
  scratch: string,
  phrase: string,
  { clock }: Services,
  act: (restored: FileJobServices) => Promise<T>,
): Promise<T> {
  const store = Store.open(databasePath(scratch), 'existing');
  try {
    const root = await openRootKey(store, { kind: 'recovery-phrase', phrase }, new MemoryKeychain());
    const restored = wireServices({ store, keysFile: undefined }, root, store.read(readIdentity), clock);
    try {
      return await act(fileServicesOf(restored, await realPath(scratch)));
    } finally {
      restored.wipe();
      root.wipe();
    }
  } finally {
    store.close();
  }
}

/** A digest of what a file decrypts to, frame by frame. */
async function digestOf(services: FileJobServices, path: string, call: Call): Promise<Buffer> {
  const file = await openFile(path, 'read');
  let digest: Buffer = Buffer.alloc(32);
  try {
    const source = fileSource(file, 0, (await file.stat()).size);
    const sink = {
      write: async (bytes: Uint8Array) => {
        digest = sha256(digest, bytes);
      },
    };
    await decryptPipe(services, { ...call, progress: () => undefined }, { source, sink });
    return digest;
  } catch (error) {
    if (isKeywardError(error, 'WrongKey')) throw notInBackup(path, error);
    throw error;
  } finally {
    await file.release();
  }
}

function notInBackup(path: string, cause: KeywardError): KeywardError {
  return fail('drilled-file-does-not-open', { path, error: cause.toBody() }, { path }, cause);
}

function differs(path: string, from: string): KeywardError {
  return fail('drilled-file-differs', { path, backup: from });
}
