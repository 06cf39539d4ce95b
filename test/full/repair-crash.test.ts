import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { CommandHome } from '../support/command.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { killAfter, shortestOf } from '../support/killed.ts';
import { LiveVault } from '../support/live-vault.ts';
import { repaired } from '../support/repairs.ts';

/*
 * A repair that ends at each of its steps, by an error of the disk, and by kill -9 at moments spread over the run of the
 * real command: the vault is the damaged one as it was, or the repaired one, and the next run goes on.
 */

const long = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const MOMENTS = long ? 200 : 12;

afterEach(() => setFaultHook(undefined));

describe('a repair that ends at each step of the disk', () => {
  it('leaves the damaged vault as it was, or the repaired one', async () => {
    const vault = await LiveVault.make();
    const folder = join(vault.home, '..');
    writeFileSync(vault.path('diary'), 'a diary');
    await vault.encrypt(vault.path('diary'));
    await vault.leave();
    const [path, second] = ['vault.db', 'vault.keys'].map((name) => join(vault.home, name)) as [
      string,
      string,
    ];
    const damaged = Buffer.from(readFileSync(path)).fill(0x5a, 8_192, 12_288);
    const secondWhole = readFileSync(second);
    const counts = { old: 0, new: 0 };
    for (let step = 1; ; step += 1) {
      for (const name of readdirSync(vault.home))
        if (name.startsWith('vault.')) rmSync(join(vault.home, name));
      writeFileSync(path, damaged);
      writeFileSync(second, secondWhole);
      let seen = 0;
      let hit = '';
      gateBelow(vault.home, ({ op, path: at }) => {
        // As after a crash: from one step on there is nothing any more.
        if (++seen >= step && !['read', 'stat', 'open', 'list'].includes(op)) {
          hit ||= `${op} ${at.slice(vault.home.length)}`;
          throw errno('EIO');
        }
        return undefined;
      });
      const told = `${step}: ${hit}`;
      const error = await repaired(vault.home, { phrase: vault.phrase }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      setFaultHook(undefined);
      if (hit === '') {
        expect(error).toBeUndefined();
        break;
      }
      const isOld = existsSync(path) && readFileSync(path).equals(damaged);
      const live = await LiveVault.at(folder, vault.phrase);
      const { rescue } = await live.call('vault.status', {});
      rmSync(vault.path('diary'), { force: true });
      const [result] = await live.decrypt(vault.path('diary.keyward'));
      expect(result?.error, told).toBeUndefined();
      await live.leave();
      counts[rescue === true ? 'old' : 'new'] += 1;
      if (rescue === true) {
        expect(isOld, told).toBe(true);
        expect(readFileSync(path).equals(damaged), told).toBe(true);
        expect(await repaired(vault.home, { phrase: vault.phrase }), told).toBeDefined();
      }
      expect(await repaired(vault.home, { phrase: vault.phrase }), told).toBeUndefined();
      const aside = readdirSync(vault.home).filter((name) => name.startsWith('vault.db.damaged'));
      expect(
        aside.some((name) => readFileSync(join(vault.home, name)).equals(damaged)),
        told,
      ).toBe(true);
    }
    console.log(`repair, by steps of the disk: ${JSON.stringify(counts)}`);
    expect(counts.old).toBeGreaterThan(0);
    expect(counts.new).toBeGreaterThan(3);
    rmSync(folder, { recursive: true, force: true });
  }, 1_800_000);
});

describe('kill -9 of keyward repair', () => {
  let home: CommandHome;
  beforeAll(async () => {
    home = await CommandHome.make();
  });
  afterAll(() => home.end());

  it('leaves a vault that opens, for rescue or as ever, and the next repair goes on', async () => {
    const path = join(home.home, 'vault.db');
    const keys = join(home.home, 'vault.keys');
    copyFileSync(keys, join(home.folder, 'keys'));
    const damaged = readFileSync(path).subarray(0, 6_000);
    const words = ['repair', ...home.unlocking, '--yes', '--json'];
    const hurt = () => {
      for (const name of readdirSync(home.home)) if (name.startsWith('vault.')) rmSync(join(home.home, name));
      writeFileSync(path, damaged);
      copyFileSync(join(home.folder, 'keys'), keys);
    };
    const whole = await shortestOf(home, words, hurt);
    const counts = { killed: 0, rescue: 0, repaired: 0 };
    for (let moment = 1; moment <= MOMENTS; moment++) {
      hurt();
      counts.killed += (await killAfter(home, words, (whole * moment) / MOMENTS)) ? 1 : 0;
      const listed = JSON.parse((await home.run(['keys', 'list', ...home.unlocking])).out);
      expect(listed).toMatchObject({ ok: true, keys: [{ aliases: ['alias/my-files'] }] });
      counts[listed.rescue === true ? 'rescue' : 'repaired'] += 1;
      if (listed.rescue === true) expect(readFileSync(path).equals(damaged)).toBe(true);
      expect((await home.run(words)).code).toBe(0);
      expect(JSON.parse((await home.run(words)).out)).toMatchObject({ state: 'whole' });
    }
    console.log(`repair: ${JSON.stringify(counts)} of ${MOMENTS} runs`);
    expect(counts.killed).toBeGreaterThan(MOMENTS / 2);
  }, 3_600_000);
});
