import { dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { newestHeadsAfter, newestOwnHeads } from '../backup/own-heads.ts';
import { sha256 } from '../crypto/hash.ts';
import { rememberedHead } from '../home/audit-checkpoint.ts';
import { untold } from '../kms/keys/reset-deletion-notice.ts';
import { keyRow } from '../kms/keys/row-schemas.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { inspectFile } from '../vault/inspect.ts';
import type { Services } from './services.ts';

const ROOM = 'put-back';

/** How long a keychain, disk or file may take to answer before the unlock goes on without it, in milliseconds. */
const PATIENCE = 1_000;

/** How many of the newest files of the catalog are looked at. */
const MAX_CATALOG = 1_000;
const MAX_FILES = 8;

/** What says that an older copy of the vault was put in place of it; `id` stands for just this. */
type Sign = { readonly id: string; readonly text: string };

/** The row of the last repair: when it was, in milliseconds, and the last entry of the log then. */
const REPAIRED = 'repaired';
const repairedRow = z.object({ at: z.number(), seq: z.number() });

/** What can be said against the vault being the newest of itself. Nothing is written. */
export async function signsOfPutBack(services: Services, keychain: Keychain): Promise<Sign[]> {
  const { store, records, audit } = services;
  const repaired = store.read((tx) => records.get(tx, ROOM, REPAIRED, repairedRow));
  // What is of before a repair says nothing of the vault that it made, whose log and catalog may have lost their ends.
  const since = repaired?.at ?? Number.NEGATIVE_INFINITY;
  const isAsRepaired = repaired !== undefined && audit.head().seq === repaired.seq;
  const found = await Promise.all([
    isAsRepaired ? [] : soon(keychainSigns(services, keychain)),
    backupSigns(services, since, newestOwnHeads),
    backupSigns(services, since, newestHeadsAfter),
    soon(fileSigns(services, since)),
  ]);
  const accepted = new Set(store.read((tx) => records.list(tx, ROOM, z.unknown()).map(({ id }) => id)));
  return found.flat().filter(({ id }) => !accepted.has(id));
}

/**
 * Goes on with a vault that seems to be put back only if the owner has read just that: `read` is the token of the error
 * that said so, or `true` for whatever it is. Throws `VaultPutBack`, whose details have the signs and the token.
 */
export function requirePutBackRead(signs: readonly Sign[], read: string | true | undefined): void {
  if (signs.length === 0) return;
  const token = tokenOf(signs);
  if (read === true || read === token) return;
  const texts = signs.map(({ text }) => text);
  throw fail('vault-put-back', { signs: texts.join('; ') }, { signs: texts, token });
}

/**
 * Writes down that the owner has read them and goes on, so that the same is not told again; with its entry in the log. What
 * a lock had held up then may have been done since, and does not go on; that a key is about to be shredded is told anew, for
 * that may have been taken back.
 */
export function acceptPutBack(
  { audit, records, jobRows, kms, clock }: Services,
  principal: string,
  signs: readonly Sign[],
): void {
  if (signs.length === 0) return;
  audit.write((tx) => {
    for (const { id } of signs) records.put(tx, ROOM, id, { accepted: clock.now() });
    jobRows.interrupt(tx, clock.now());
    for (const { id, body } of records.list(tx, 'keys', keyRow)) {
      const key = untold(body);
      if (key !== body) records.put(tx, 'keys', id, key);
    }
    tx.onRollback(() => kms.forgetRows());
    kms.forgetRows();
    audit.append(
      tx,
      ownEvent(principal, 'AcceptPutBackVault', { signs: signs.map(({ text }) => text.slice(0, 512)) }),
    );
  });
}

/** Writes into a repaired database what it was made of: `at` is now, in milliseconds. */
export function noteRepaired({ store, records, audit }: Services, at: number): void {
  store.write((tx) => records.put(tx, ROOM, REPAIRED, { at, seq: audit.head().seq }));
}

function tokenOf(signs: readonly Sign[]): string {
  const ids = signs.map(({ id }) => id).sort();
  return sha256(Buffer.from(ids.join(' '))).toString('hex', 0, 16);
}

async function keychainSigns({ store, audit, vault }: Services, keychain: Keychain): Promise<Sign[]> {
  const head = await rememberedHead(store, keychain, vault.id, audit);
  if (head === undefined || audit.hashAt(head.seq) === head.hash) return [];
  return [signOf('keychain', head, `at the last lock ${logText(head, audit.head().seq)}`)];
}

/** Each folder has its own time: one that does not answer keeps none of the others from being heard. */
async function backupSigns(services: Services, since: number, look: typeof newestOwnHeads): Promise<Sign[]> {
  const places = services.backups.possiblePlaces();
  const signs = (places?.folders ?? []).map((found) =>
    soon(
      found.then(async (folder) =>
        places === undefined || folder === undefined
          ? []
          : headSigns(services, since, await look({ ...places, folders: [folder] })),
      ),
    ),
  );
  return (await Promise.all(signs)).flat();
}

function headSigns(
  { store, audit }: Services,
  since: number,
  heads: Awaited<ReturnType<typeof newestOwnHeads>>,
): Sign[] {
  return store.read(() =>
    heads
      .filter(({ head, created }) => Date.parse(created) > since && audit.hashAt(head.seq) !== head.hash)
      .map(({ path, head, created }) =>
        signOf(
          path,
          head,
          `when it made the backup of ${minuteOf(created)} in ${dirname(path)} ${logText(head, audit.head().seq)}`,
        ),
      ),
  );
}

/** A moment as people read it, to the minute. */
function minuteOf(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function logText({ seq }: { readonly seq: number }, now: number): string {
  return seq > now
    ? `its log had ${seq} entries, and now it has ${now}`
    : `entry ${seq} of its log was another one`;
}

/**
 * Files that were rewrapped more often than the catalog has it and the log tells of: an entry stands before the header, and
 * the catalog behind it, so that a power loss between the two is no sign.
 */
async function fileSigns({ store, files, audit }: Services, since: number): Promise<Sign[]> {
  const newest = store.read((tx) => {
    if (files.count(tx) > MAX_CATALOG) return [];
    const entries = [...files.each(tx)].filter(({ entry }) => entry.at > since);
    return entries.sort((a, b) => b.entry.at - a.entry.at).slice(0, MAX_FILES);
  });
  const signs = await Promise.all(
    newest.map(async ({ messageId, entry: { path, generation, at } }): Promise<Sign[]> => {
      const facts = await inspectFile(path).catch(() => undefined);
      if (facts?.messageId !== messageId.toString('hex')) return [];
      const more = facts.generation - generation;
      if (more <= 0) return [];
      const { entries } = audit.search({
        ...{ eventName: 'RewrapDataKey', outcome: 'success', file: { messageId: facts.messageId } },
        ...{ since: at + 1, limit: more },
      });
      if (entries.length === more && entries.every(({ intact }) => intact)) return [];
      const text = `${path} was rewrapped ${more} times more than it knows of, by it or on another machine`;
      return [signOf('file', { seq: facts.generation, hash: facts.messageId }, text)];
    }),
  );
  return signs.flat();
}

function signOf(
  where: string,
  { seq, hash }: { readonly seq: number; readonly hash: string },
  text: string,
): Sign {
  return { id: sha256(Buffer.from(`${where}\0${seq}\0${hash}`)).toString('hex', 0, 16), text };
}

/** What a look gives, or nothing where it fails or does not come to an end: no unlock waits for it. */
async function soon(look: Promise<Sign[]>): Promise<Sign[]> {
  const { promise, resolve } = Promise.withResolvers<Sign[]>();
  const timer = setTimeout(() => resolve([]), PATIENCE);
  look.then(resolve, () => resolve([]));
  const signs = await promise;
  clearTimeout(timer);
  return signs;
}
