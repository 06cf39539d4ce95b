import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { BUILT } from '../support/command.ts';

/** A small disk at `$0/disk` for one script; it is gone with the script's namespace, however that ends. */
const ON_A_DISK = `
set -eu
mkdir -p "$0/disk"
mount -t tmpfs -o size=3m none "$0/disk"
cd "$0"
export KEYWARD_HOME="$0/disk/home" KEYWARD_PASSPHRASE_FILE="$0/pass" NO_COLOR=1
keyward() { "$NODE" "$BUILT" "$@"; }
tell() { keyward "$@" --json > out 2>&1 && echo "$1 0" || { echo "$1 $?"; cat out; }; }
echo secret > pass
`;

const folder = mkdtempSync(join(tmpdir(), 'keyward-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const namespace = [['--mount'], ['--mount', '--map-root-user']].find(
  (how) => spawnSync('unshare', [...how, 'sh', '-c', 'mount -t tmpfs none "$0"', folder]).status === 0,
);
if (namespace === undefined) {
  console.warn(
    'SKIPPED: the command on a full and a read-only disk. It needs "unshare --mount", refused here.',
  );
}

async function run(script: string): Promise<string> {
  const words = [...(namespace ?? []), 'sh', '-c', ON_A_DISK + script, folder];
  const env = { ...process.env, NODE: process.execPath, BUILT };
  return (await promisify(execFile)('unshare', words, { env })).stdout;
}

describe.skipIf(namespace === undefined)(
  'the command, with the vault on a disk of its own',
  () => {
    it('opens a locked vault and its files when the disk has been filled to the last byte', async () => {
      const said = await run(`
      tell init --recovery-file phrase
      echo 'dear diary' > note
      tell encrypt note
      dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null || true
      tell status
      tell decrypt note.keyward --out back
      tell lock
      tell keys create more
      tell audit verify`);
      expect(said.split('\n')).toEqual([
        ...['init 0', 'encrypt 0', 'status 0', 'decrypt 0', 'lock 0', 'keys 0', 'audit 0', ''],
      ]);
      expect(readFileSync(join(folder, 'back'), 'utf8')).toBe('dear diary\n');
    });

    it('says that a disk is read-only', async () => {
      const said = await run(`
      tell init --recovery-file phrase-2
      mount -o remount,ro "$0/disk"
      tell status
      KEYWARD_HOME="$0/disk/new" tell init --recovery-file phrase-3`);
      expect(said.match(/^\w+ \d|DiskReadOnly/gm)).toEqual([
        'init 0',
        'status 1',
        'DiskReadOnly',
        'init 1',
        'DiskReadOnly',
      ]);
    });
  },
  60_000,
);
