import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Partials } from '../../../src/main/store/partials.ts';
import { FileCatalog } from '../../../src/main/vault/catalog.ts';
import { decryptFiles } from '../../../src/main/vault/decrypt.ts';
import { encryptFiles } from '../../../src/main/vault/encrypt.ts';
import { inspectFile } from '../../../src/main/vault/inspect.ts';
import type { JobCaller, JobServices } from '../../../src/main/vault/jobs.ts';
import { PartialRecords } from '../../../src/main/vault/partial-records.ts';
import { reencryptFiles } from '../../../src/main/vault/reencrypt.ts';
import { rewrapFiles } from '../../../src/main/vault/rewrap.ts';
import type { SlotKind } from '../../../src/main/vault/slot-kinds.ts';
import { vaultKeys } from '../../../src/main/vault/vault-keys.ts';
import { verifyFiles } from '../../../src/main/vault/verify.ts';
import { newKey, newVault, OWNER } from '../kms/support.ts';
import { testKey } from '../store/support.ts';
import { codeWordSlots } from './code-word-slots.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-slots-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const by: JobCaller = { caller: OWNER, signal: new AbortController().signal, progress: () => undefined };

/** A vault whose jobs know code words, or not, and the id of its own key. */
let knowing: JobServices;
let ignorant: JobServices;
let id: string;

beforeEach(async () => {
  const vault = newVault();
  id = (await newKey(vault)).id;
  const { store, records, kms, clock } = vault;
  const files = new FileCatalog({ records, key: testKey('catalog'), setKey: testKey('catalog-set') });
  const partials = new PartialRecords({
    ...{
      store,
      clock,
      partials: new Partials({ records, key: testKey('partial'), setKey: testKey('partial-set') }),
    },
    openWithoutRecord: () => false,
  });
  const services = (kind: SlotKind): JobServices => ({
    ...{ store, kms, files, partials, clock, home: join(folder, 'home'), newerKeys: () => [] },
    slotKinds: [kind, vaultKeys(kms)],
  });
  knowing = services(codeWordSlots(['sesame', 'abracadabra']));
  ignorant = services(codeWordSlots([]));
});

let count = 0;
/** A file of its own for each test, encrypted under `key`. */
async function encrypted(key: string): Promise<{ plain: string; path: string }> {
  const plain = join(folder, `letter-${++count}`);
  writeFileSync(plain, 'dear diary');
  const job = { sources: [plain], key, context: { a: 'b' }, overwrite: false, each: false };
  expect((await encryptFiles(knowing, job, by)).map(({ error }) => error)).toEqual([undefined]);
  rmSync(plain);
  return { plain, path: `${plain}.keyward` };
}
const only = (path: string) => ({ sources: [path], each: false });
const slotsOf = async (path: string) => (await inspectFile(path, knowing.slotKinds)).slots;

describe('a kind of slot that the source does not know', () => {
  it('is made and opened', async () => {
    const { plain, path } = await encrypted('word:sesame');
    expect(await verifyFiles(knowing, only(path), by)).toMatchObject([{ status: 'done', bytes: 10 }]);
    const results = await decryptFiles(knowing, { ...only(path), overwrite: false }, by);
    expect(results).toMatchObject([{ status: 'done' }]);
    expect(readFileSync(plain, 'utf8')).toBe('dear diary');
  });

  it('is listed by whoever knows it, and kept unread by others', async () => {
    const { path } = await encrypted('word:sesame');
    expect(await slotsOf(path)).toEqual([{ kind: 'unknown', key: 'word:sesame', version: '2' }]);
    expect((await inspectFile(path)).slots).toEqual([{ kind: 'unknown', key: null, version: null }]);
  });

  it('is rewrapped to another key of its kind, its body untouched', async () => {
    const { path } = await encrypted('word:sesame');
    const body = readFileSync(path).subarray(8192);
    const job = { ...only(path), key: 'word:abracadabra' };
    expect(await rewrapFiles(knowing, job, by)).toMatchObject([{ status: 'done' }]);
    expect(await slotsOf(path)).toMatchObject([{ key: 'word:abracadabra' }]);
    expect(readFileSync(path).subarray(8192).equals(body)).toBe(true);
    const again = await rewrapFiles(knowing, { ...only(path), skipExisting: true }, by);
    expect(again).toMatchObject([{ outcome: 'up-to-date' }]);
    expect(await verifyFiles(knowing, only(path), by)).toMatchObject([{ status: 'done' }]);
  });

  it('is encrypted anew under its own key, or one of the vault', async () => {
    const { path } = await encrypted('word:sesame');
    expect(await reencryptFiles(knowing, only(path), by)).toMatchObject([{ status: 'done' }]);
    expect(await slotsOf(path)).toMatchObject([{ key: 'word:sesame' }]);
    expect(await reencryptFiles(knowing, { ...only(path), key: id }, by)).toMatchObject([{ status: 'done' }]);
    expect(await slotsOf(path)).toMatchObject([{ kind: 'local', key: id }]);
    expect(await verifyFiles(ignorant, only(path), by)).toMatchObject([{ status: 'done' }]);
  });

  it('does not open without its key: not tried, and said so', async () => {
    const { path } = await encrypted('word:sesame');
    const results = await verifyFiles(ignorant, only(path), by);
    expect(results).toMatchObject([{ status: 'failed', error: { code: 'UnsupportedSlot' } }]);
    const rewrapped = await rewrapFiles(ignorant, only(path), by);
    expect(rewrapped).toMatchObject([{ status: 'failed', error: { code: 'WrongKey' } }]);
  });
});
