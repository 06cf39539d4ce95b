import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** A disk of its own for one command; it is gone with the command's namespace, however that ends. */
const MOUNT = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"';

function namespaceArguments(folder: string): string[] | undefined {
  return [['--mount'], ['--mount', '--map-root-user']].find(
    (how) => spawnSync('unshare', [...how, 'sh', '-c', MOUNT, folder, 'true']).status === 0,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'keyward-full-'));
const namespace = namespaceArguments(folder);
if (namespace === undefined) {
  console.warn(
    'SKIPPED: the audit log on a full disk. It needs "unshare --mount" and a tmpfs, refused here.',
  );
  rmdirSync(folder);
}

describe('audit log on a full disk', () => {
  it.skipIf(namespace === undefined)(
    'goes on out of its reserve, then fails closed, loses nothing and recovers (pitfall 6, pitfall 46)',
    async () => {
      const child = join(import.meta.dirname, 'full-disk.child.ts');
      const { stdout } = await promisify(execFile)('unshare', [
        ...(namespace ?? []),
        ...['sh', '-c', MOUNT, folder, process.execPath, child, folder],
      ]);
      rmdirSync(folder);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({
        filled: true,
        heldAtFirst: 262_144,
        code: 'AuditUnwritable',
        heldBack: 1,
      });
      expect(result.written).toBeGreaterThan(30);
      expect(result.whileFull).toMatchObject({ ok: true, entries: result.written });
      expect(result.refilled).toBe(true);
      // The gap entry, the one held back, "Encrypt" and "UnlockVault".
      expect(result.afterReopening).toMatchObject({ ok: true, entries: result.written + 4 });
      expect(result.left).toBeLessThan(262_144);
    },
    30_000,
  );
});
