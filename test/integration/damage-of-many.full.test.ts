import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LiveVault } from '../support/live-vault.ts';
import { numbers, SEED } from '../support/random.ts';
import { repaired } from '../support/repairs.ts';

/*
 * Damage of many bytes at once: pages that changed places, were written over, cut off or pushed along. With the second file
 * whole, every file opens before a repair and after it.
 */

const DAMAGES = { quick: 10, full: 30, long: 1_000 }[process.env['KEYWARD_TEST_LEVEL'] ?? 'quick'] ?? 10;
const PAGE = 4_096;
const KEYS = ['my-files', 'one', 'two', 'three'];

const vault = await LiveVault.make();
for (const name of KEYS.slice(1))
  await vault.call('keys.create', { alias: `alias/${name}`, description: name });
for (const key of KEYS) {
  writeFileSync(vault.path(key), `a diary under ${key}`);
  await vault.encrypt(vault.path(key), { key });
  rmSync(vault.path(key));
}
await vault.leave();
const folder = join(vault.home, '..');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [path, second] = ['vault.db', 'vault.keys'].map((name) => join(vault.home, name)) as [string, string];
const [whole, secondWhole] = [path, second].map((name) => readFileSync(name)) as [Buffer, Buffer];

const random = numbers(SEED);
const page = () => random(whole.length / PAGE) * PAGE;

type Damage = { readonly told: string; readonly bytes: Buffer };

const DAMAGE: readonly (() => Damage)[] = [
  () => {
    const [one, other, bytes] = [page(), page(), Buffer.from(whole)];
    whole.copy(bytes, one, other, other + PAGE);
    whole.copy(bytes, other, one, one + PAGE);
    return { told: `pages at ${one} and ${other} in each other's place`, bytes };
  },
  () => {
    const [one, other, bytes] = [page(), page(), Buffer.from(whole)];
    whole.copy(bytes, one, other, other + PAGE);
    return { told: `the page at ${other} over that at ${one}`, bytes };
  },
  () => {
    const end = random(whole.length);
    return { told: `cut to ${end} bytes`, bytes: whole.subarray(0, end) };
  },
  () => {
    const bytes = Buffer.from(whole);
    const places = Array.from({ length: 20 }, () => random(whole.length));
    for (const at of places) bytes.writeUInt8(random(256), at);
    return { told: `bytes ${places.join(', ')}`, bytes };
  },
  () => {
    const [at, length] = [random(whole.length - 600), 1 + random(600)];
    return { told: `${length} bytes at ${at}`, bytes: Buffer.from(whole).fill(random(256), at, at + length) };
  },
  () => {
    const [at, length] = [random(whole.length), 1 + random(5_000)];
    const parts = [whole.subarray(0, at), Buffer.alloc(length, 7), whole.subarray(at)];
    return { told: `${length} bytes more at ${at}`, bytes: Buffer.concat(parts) };
  },
  () => {
    const [at, bytes] = [page(), Buffer.from(whole)];
    for (let n = 0; n < 3; n++) bytes.writeUInt8(random(256), at + (at === 0 ? 100 : 0) + random(12));
    return { told: `the head of the page at ${at}`, bytes };
  },
];

async function everyFile(live: LiveVault, told: string): Promise<void> {
  for (const key of KEYS) {
    rmSync(live.path(key), { force: true });
    const [result] = await live.decrypt(live.path(`${key}.keyward`));
    expect(result?.error, `${told}: ${key}`).toBeUndefined();
    expect(readFileSync(live.path(key), 'utf8')).toBe(`a diary under ${key}`);
  }
}

it('every file opens, and after a repair the vault and what its log still holds are whole (pitfall 59)', async () => {
  console.log(`damages: seed ${SEED}`);
  let repairs = 0;
  for (let n = 0; n < DAMAGES; n++) {
    const { told: what, bytes } = DAMAGE[n % DAMAGE.length]?.() ?? { told: '', bytes: whole };
    const told = `${what}, seed ${SEED}`;
    for (const name of readdirSync(vault.home))
      if (name.startsWith('vault.')) rmSync(join(vault.home, name), { recursive: true });
    writeFileSync(path, bytes);
    writeFileSync(second, secondWhole);
    let live = await LiveVault.at(folder, vault.phrase).catch((cause: unknown) => {
      throw new Error(told, { cause });
    });
    const { rescue } = await live.call('vault.status', {});
    await everyFile(live, told);
    await live.leave();
    const plan = await repaired(vault.home, { phrase: vault.phrase }).catch((cause: unknown) => {
      throw new Error(told, { cause });
    });
    if (rescue === true) expect(plan, told).toBeDefined();
    if (plan === undefined) continue;
    repairs += 1;
    live = await LiveVault.at(folder, vault.phrase);
    expect((await live.call('vault.status', {})).rescue, told).toBeUndefined();
    expect(await live.call('audit.verify', {}), told).toMatchObject({ ok: true });
    expect((await live.call('keys.list', {})).keys, told).toHaveLength(KEYS.length);
    // What comes back disabled is enabled by whoever owns it.
    for (const { keyId, state: now } of (await live.call('keys.list', {})).keys) {
      if (now !== 'Disabled') continue;
      await live.call('keys.enable', { key: keyId });
      for (const { version, disabledAt } of (await live.call('keys.describe', { key: keyId })).history)
        if (disabledAt !== undefined)
          await live.call('keys.setVersion', { key: keyId, version, enabled: true });
    }
    await everyFile(live, `${told}, repaired`);
    await live.leave();
  }
  console.log(`damages: ${repairs} of ${DAMAGES} repaired`);
  expect(repairs).toBeGreaterThan(0);
}, 3_600_000);
