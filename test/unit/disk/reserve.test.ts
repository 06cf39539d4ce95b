import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SpaceReserve } from '../../../src/main/disk/reserve.ts';
import { SmallDisk } from '../../support/small-disk.ts';

const KIB = 1_024;

describe.runIf(process.platform === 'linux')('a reserve on a small disk', () => {
  it('takes a quarter of the room, however often it is filled, and tells when no step more would fit', async ({
    skip,
  }) => {
    const disk = SmallDisk.mount(4_000);
    if (disk === undefined) return skip('needs the right to mount');
    try {
      mkdirSync(join(disk.folder, 'home'));
      const reserve = new SpaceReserve(join(disk.folder, 'home/reserve'), 64 * KIB);
      const fill = () => reserve.fill(50_000 * KIB, (length) => Buffer.alloc(length, 1));
      for (let n = 0; n < 3; n++) expect(await fill()).toBe(true);
      expect(reserve.isShort).toBe(false);
      expect(reserve.left).toBe(1_000 * KIB);
      expect(statSync(reserve.path).blocks * 512).toBeGreaterThanOrEqual(reserve.left);
      disk.fill();
      expect(reserve.release()).toBe(true);
      disk.fill();
      expect(await fill()).toBe(false);
      expect(reserve.isShort).toBe(true);
      expect(reserve.left).toBe(936 * KIB);
      rmSync(join(disk.folder, 'ballast'));
      expect(await fill()).toBe(true);
      expect(reserve.left).toBe(1_000 * KIB);
    } finally {
      disk.unmount();
    }
  });
});
