import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupHolding } from '../../../src/main/backup/holding.ts';
import { findBackups } from '../../../src/main/backup/list.ts';
import { backupName, encodeManifest, signManifest } from '../../../src/main/backup/manifest.ts';
import { newSigningKey, signBytes } from '../../../src/main/crypto/sign.ts';
import { numbers, SEED } from '../../support/random.ts';

const ROUNDS = { quick: 40, full: 400, long: 4_000 }[process.env['KEYWARD_TEST_LEVEL'] ?? 'quick'] ?? 0;

const vault = randomUUID();
const KEY = randomUUID();
const hash = 'a'.repeat(64);

/** Writes backups of some devices into a folder, one for each time, in ms since 1970. */
function written(folder: string, devices: readonly (readonly number[])[]): void {
  for (const times of devices) {
    const { seed, publicKey } = newSigningKey();
    const device = { id: randomUUID(), publicKey: publicKey.toString('base64') };
    for (const [index, time] of times.entries()) {
      const manifest = signManifest(
        {
          ...{ keyward: 'manifest/1', vault, device, sequence: index + 1, kind: 'hybrid' },
          ...{ created: new Date(time).toISOString(), sha256: hash, bytes: 0, head: { seq: 1, hash } },
          ...{ keys: [KEY], recipients: ['age1pq1x'] },
        },
        (message) => signBytes(seed, message),
      );
      const path = join(folder, backupName(manifest));
      writeFileSync(`${path}.json`, encodeManifest(manifest));
      writeFileSync(`${path}.age`, '');
    }
  }
}

describe('the newest backup of a folder', () => {
  it(`is that of the highest number of its device, whatever the clock was set to (seed ${SEED})`, async () => {
    const below = numbers(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'keyward-list-'));
      try {
        const isSetBack = round % 2 === 0;
        const devices = Array.from({ length: 1 + below(3) }, () => {
          const times = Array.from({ length: 1 + below(5) }, () => below(2 ** 31) * 1_000);
          return isSetBack ? times : times.sort((a, b) => a - b);
        });
        written(folder, devices);
        const found = (await findBackups(folder)).map(({ manifest }) => manifest);
        const told = `seed ${SEED}, round ${round}`;
        for (const id of new Set(found.map((one) => one?.device.id))) {
          const own = found.filter((one) => one?.device.id === id).map((one) => one?.sequence ?? 0);
          expect(own, told).toEqual([...own].sort((a, b) => b - a));
        }
        if (isSetBack) continue;
        const created = found.map((one) => one?.created ?? '');
        expect(created, told).toEqual([...created].sort().reverse());
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  });

  it('is what opens a file too, where several hold its key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-list-'));
    try {
      written(folder, [[3_000_000, 2_000_000, 1_000_000]]);
      expect((await backupHolding([KEY], [folder]))?.path).toMatch(/-0000000003\.age$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
