import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBackups } from '../../src/main/api/without-session.ts';
import { openBackup } from '../../src/main/backup/restore.ts';
import type { RecoveryIdentity } from '../../src/main/unlock/recovery-identity.ts';
import { phraseIdentity } from '../../src/main/unlock/recovery-recipients.ts';
import { CommandHome, okDocument } from '../support/command.ts';
import { killAfter, shortestOf, timeOf } from '../support/killed.ts';

/*
 * kill -9 at moments spread evenly over the measured run of the real command.
 */

const long = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const MOMENTS = long ? 200 : 12;

let vault: CommandHome;
let empty: CommandHome;
let stick: string;
let passphrase: string;
let identity: RecoveryIdentity;
beforeAll(async () => {
  vault = CommandHome.prepare();
  empty = CommandHome.prepare();
  stick = join(vault.folder, 'stick');
  mkdirSync(stick);
  passphrase = join(vault.folder, 'passphrase');
  const words = vault.initWords.filter((word) => word !== '--throw-away');
  okDocument.parse(JSON.parse((await vault.run(words)).out));
  okDocument.parse(JSON.parse((await vault.run(create())).out));
  identity = await phraseIdentity(readFileSync(vault.recovery, 'utf8'));
});
afterAll(() => {
  vault.end();
  empty.end();
});

const create = () => ['backup', 'create', '--to', stick, ...vault.unlocking];
const restore = () => [
  ...['backup', 'restore', stick, '--recovery-file', vault.recovery],
  ...['--passphrase-file', passphrase],
];

describe('kill -9', () => {
  it('of backup create leaves a backup that opens, and nothing that the next one does not clear', async () => {
    const whole = await shortestOf(vault, create());
    let killed = 0;
    for (let moment = 1; moment <= MOMENTS; moment++) {
      killed += (await killAfter(vault, create(), (whole * moment) / MOMENTS)) ? 1 : 0;
      const { document, root, passedOver } = await openBackup(stick, identity);
      root.wipe();
      expect(document.material.length).toBe(1);
      expect(passedOver.length).toBeLessThan(2);
    }
    await timeOf(vault, create());
    const states = await verifyBackups(stick, new AbortController().signal, () => undefined);
    expect(states.every(({ state }) => state === 'whole')).toBe(true);
    console.log(`backup create: ${killed} of ${MOMENTS} runs killed`);
    expect(killed).toBeGreaterThan(MOMENTS / 2);
  });

  it('of backup restore leaves a vault that opens, or none and room for the next try', async () => {
    const whole = await shortestOf(empty, restore(), () =>
      rmSync(empty.home, { recursive: true, force: true }),
    );
    const counts = { killed: 0, vault: 0, none: 0 };
    for (let moment = 1; moment <= MOMENTS; moment++) {
      rmSync(empty.home, { recursive: true, force: true });
      counts.killed += (await killAfter(empty, restore(), (whole * moment) / MOMENTS)) ? 1 : 0;
      if (existsSync(join(empty.home, 'vault.db'))) counts.vault += 1;
      else {
        counts.none += 1;
        await timeOf(empty, restore());
      }
      const keys = await empty.run(['keys', 'list', '--recovery-file', vault.recovery]);
      expect(JSON.parse(keys.out)).toMatchObject({ ok: true, keys: [{ aliases: ['alias/my-files'] }] });
    }
    console.log(`backup restore: ${JSON.stringify(counts)}`);
    expect(counts.none).toBeGreaterThan(MOMENTS / 4);
  });
});
