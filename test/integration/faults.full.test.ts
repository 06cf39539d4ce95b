import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { errno, gateBelow, PairWatch } from '../support/faults.ts';
import { LiveVault, only } from '../support/live-vault.ts';

const FRAME = 1 << 20;

let vault: LiveVault;
let pairs: PairWatch;
beforeAll(async () => {
  vault = await LiveVault.make();
});
beforeEach(() => {
  rmSync(vault.files, { recursive: true, force: true });
  mkdirSync(vault.files);
  // File-format property 11 holds in every test of this file.
  pairs = new PairWatch();
  pairs.start();
});
afterEach(() => {
  setFaultHook(undefined);
  pairs.stop();
});
afterAll(() => vault.end());

/** Lets `act` see the steps of the test's files only. */
const gateFiles = (act: Parameters<typeof gateBelow>[1]) => gateBelow(vault.files, act);

describe('pitfall 3: a disk that fails at any one step', () => {
  const content = randomBytes(2 * FRAME + 99);

  /** Runs `job` again and again, failing its first, second, third … step, until it is through without. */
  async function failEach(code: string, job: () => Promise<{ status: string }>, check: (at: string) => void) {
    for (let failing = 1; ; failing++) {
      let steps = 0;
      let failed = '';
      gateFiles(({ op, path }) => {
        // What a failing disk refuses while cleaning up is the next start's work: here only one step fails.
        if (++steps !== failing) return undefined;
        failed = `${op} of ${path.slice(vault.files.length)}`;
        throw errno(code);
      });
      const { status } = await job();
      setFaultHook(undefined);
      if (failed === '') {
        expect(status).toBe('done');
        return failing - 1;
      }
      // Some steps may fail without harm: closing what was read, attributes, the second name of a linked file.
      if (status === 'done') check(`${failed} (got over)`);
      else check(failed);
      await pairs.without(() => vault.reopen());
    }
  }

  for (const overwrite of [false, true]) {
    it(`leaves no output of encrypt${overwrite ? ' --overwrite' : ''}, and a retry succeeds`, async () => {
      writeFileSync(vault.path('a'), content);
      const old = overwrite ? randomBytes(10) : undefined;
      if (old !== undefined) writeFileSync(vault.path('a.keyward'), old);
      let last = '';
      const steps = await failEach(
        'EIO',
        async () => {
          const result = only(await vault.encrypt(vault.path('a'), { overwrite }));
          last = result.status;
          return result;
        },
        (at) => {
          expect(readFileSync(vault.path('a')).equals(content), at).toBe(true);
          const names = vault.list().filter((name) => !name.endsWith('.partial'));
          if (last === 'done' || (overwrite && at.startsWith('syncFolder'))) {
            expect(names, at).toEqual(['a', 'a.keyward']);
          } else if (old === undefined) expect(names, at).toEqual(['a']);
          else expect(readFileSync(vault.path('a.keyward')).equals(old), at).toBe(true);
          rmSync(vault.path('a.keyward'), { force: true });
          if (old !== undefined) writeFileSync(vault.path('a.keyward'), old);
        },
      );
      expect(steps).toBeGreaterThan(12);
      expect(vault.list()).toEqual(['a', 'a.keyward']);
      expect((await vault.verify(vault.path('a.keyward'))).status).toBe('done');
    });

    it(`leaves no output of decrypt${overwrite ? ' --overwrite' : ''}, and a retry succeeds`, async () => {
      writeFileSync(vault.path('a'), content);
      await vault.encrypt(vault.path('a'));
      const old = overwrite ? randomBytes(10) : undefined;
      rmSync(vault.path('a'));
      if (old !== undefined) writeFileSync(vault.path('a'), old);
      let last = '';
      await failEach(
        'EIO',
        async () => {
          const result = only(await vault.decrypt(vault.path('a.keyward'), { overwrite }));
          last = result.status;
          return result;
        },
        (at) => {
          const names = vault.list().filter((name) => !name.endsWith('.partial'));
          if (last === 'done' || (overwrite && at.startsWith('syncFolder'))) {
            expect(readFileSync(vault.path('a')).equals(content), at).toBe(true);
          } else if (old === undefined) expect(names, at).toEqual(['a.keyward']);
          else expect(readFileSync(vault.path('a')).equals(old), at).toBe(true);
          rmSync(vault.path('a'), { force: true });
          if (old !== undefined) writeFileSync(vault.path('a'), old);
        },
      );
      expect(vault.list()).toEqual(['a', 'a.keyward']);
      expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
    });
  }
});

/** When the sources were last written, they say; in seconds since 1970. */
const OLD = 1_000_000_000;

describe('pitfall 8: a source that changes while it is read', () => {
  const changes: { [how: string]: (path: string) => void } = {
    grows: (path) => appendFileSync(path, 'more'),
    shrinks: (path) => writeFileSync(path, randomBytes(FRAME)),
    'is written over in place': (path) => writeFileSync(path, randomBytes(3 * FRAME)),
    'gets another time': (path) => utimesSync(path, 1, 1),
    // Pitfall 53: to the second, which utimes can set exactly; that the time is old is set up below.
    'is written into, and gets its old time back': (path) => {
      const file = openSync(path, 'r+');
      writeSync(file, 'x', 2 * FRAME + 5);
      closeSync(file);
      utimesSync(path, OLD, OLD);
    },
    'is cut and grows again, and gets its old time back': (path) => {
      truncateSync(path, 5);
      truncateSync(path, 3 * FRAME);
      utimesSync(path, OLD, OLD);
    },
    'is replaced by another file': (path) => {
      writeFileSync(`${path}.new`, randomBytes(3 * FRAME));
      renameSync(`${path}.new`, path);
    },
    'goes away': (path) => rmSync(path),
  };
  for (const [how, change] of Object.entries(changes)) {
    it(`that ${how}: the job fails and keeps nothing but the source`, async () => {
      const path = vault.path('a');
      writeFileSync(path, randomBytes(3 * FRAME));
      utimesSync(path, OLD, OLD);
      let after: Buffer | undefined;
      gateFiles(({ op, offset }) => {
        if (op === 'read' && (offset ?? 0) > FRAME && after === undefined) {
          change(path);
          after = how === 'goes away' ? Buffer.alloc(0) : readFileSync(path);
        }
        return undefined;
      });
      const result = only(await vault.encrypt(path));
      expect(result.error?.code).toBe('SourceChanged');
      expect(result.error?.message).toMatch(/changed while it was (being )?read/);
      expect(vault.list()).toEqual(how === 'goes away' ? [] : ['a']);
      if (how !== 'goes away') expect(readFileSync(path).equals(after ?? Buffer.alloc(1))).toBe(true);
    });
  }

  it('pitfall 53: an encrypted one that is written into behind the reading, its time put back: not made anew', async () => {
    writeFileSync(vault.path('a'), randomBytes(3 * FRAME));
    const file = only(await vault.encrypt(vault.path('a'))).output ?? '';
    utimesSync(file, OLD, OLD);
    let wrote = false;
    gateFiles(({ op, path }) => {
      if (op === 'write' && path.endsWith('.partial') && !wrote) {
        wrote = true;
        // The second header copy, which is read by nobody any more.
        const changed = openSync(file, 'r+');
        writeSync(changed, 'x', 4096 + 20);
        closeSync(changed);
        utimesSync(file, OLD, OLD);
      }
      return undefined;
    });
    const { results } = await vault.call('files.reencrypt', { sources: [file], each: false });
    expect(only(results).error?.code).toBe('SourceChanged');
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });
});

describe('pitfall 6: a full disk, as the gate tells it', () => {
  for (const part of [0.01, 0.5, 0.99]) {
    it(`at ${part * 100} %: says so, removes the partial, keeps sources, vault and log`, async () => {
      const content = randomBytes(8 * FRAME);
      writeFileSync(vault.path('a'), content);
      gateFiles(({ op, path, offset, length }) => {
        const end = (offset ?? 0) + (length ?? 0);
        if (op === 'write' && path.endsWith('.partial') && end > part * content.length) throw errno('ENOSPC');
        return undefined;
      });
      const result = only(await vault.encrypt(vault.path('a')));
      expect(result.error?.code).toBe('DiskFull');
      expect(result.error?.message).toContain('disk is full');
      expect(vault.list()).toEqual(['a']);
      setFaultHook(undefined);
      expect((await vault.call('audit.verify', {})).ok).toBe(true);
      expect(only(await vault.encrypt(vault.path('a'))).status).toBe('done');
      rmSync(vault.path('a'));
      gateFiles(({ op, offset, length }) => {
        const end = (offset ?? 0) + (length ?? 0);
        if (op === 'write' && end > part * content.length) throw errno('ENOSPC');
        return undefined;
      });
      expect(only(await vault.decrypt(vault.path('a.keyward'))).error?.code).toBe('DiskFull');
      expect(vault.list()).toEqual(['a.keyward']);
    });
  }

  it('pitfall 7: other causes are called by their names, never "disk full"', async () => {
    writeFileSync(vault.path('a'), randomBytes(100));
    const causes = {
      EBUSY: 'FileBusy',
      EACCES: 'PermissionDenied',
      EROFS: 'DiskReadOnly',
      EIO: 'IoFailed',
      EDQUOT: 'DiskFull',
      EFBIG: 'DiskFull',
    };
    for (const [code, expected] of Object.entries(causes)) {
      gateFiles(({ op }) => {
        if (op === 'write') throw errno(code);
        return undefined;
      });
      const { error } = only(await vault.encrypt(vault.path('a')));
      expect(error?.code).toBe(expected);
      if (expected !== 'DiskFull') expect(error?.message).not.toMatch(/full/i);
      expect(vault.list()).toEqual(['a']);
    }
  });
});

describe('pitfall 6: a disk that is really full', () => {
  const sizes = { disk: 24 << 20, content: 8 * FRAME };

  for (const part of [0.01, 0.5, 0.99]) {
    it(`at ${part * 100} % of the output, with the vault on it too`, async ({ skip }) => {
      const mounted = mkdtempSync(join(tmpdir(), 'keyward-small-'));
      const options = `size=${sizes.disk},mode=700`;
      const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'keyward-test', mounted]);
      if (mount.status !== 0) {
        rmSync(mounted, { recursive: true });
        skip('needs the right to mount a small tmpfs (root): filling a real disk was not tried');
      }
      try {
        await fillDisk(mounted, part);
      } finally {
        spawnSync('umount', [mounted]);
        rmSync(mounted, { recursive: true });
      }
    });
  }

  async function fillDisk(mounted: string, part: number): Promise<void> {
    const full = await pairs.without(() => LiveVault.make(mounted));
    const content = randomBytes(sizes.content);
    writeFileSync(full.path('a'), content);
    const { bavail, bsize } = statfsSync(mounted);
    const ballast = bavail * bsize - Math.floor(part * content.length);
    writeFileSync(full.path('ballast'), Buffer.alloc(ballast));

    const result = only(await full.encrypt(full.path('a')));
    expect(result.error?.code).toBe('DiskFull');
    expect(result.error?.message).toContain('disk is full');
    expect(full.list()).toEqual(['a', 'ballast']);
    expect(readFileSync(full.path('a')).equals(content)).toBe(true);
    // Not a byte left, for the vault neither: it opens, and the log is whole and goes on.
    appendFileSync(full.path('ballast'), Buffer.alloc(statfsSync(mounted).bavail * bsize));
    expect(statfsSync(mounted).bavail).toBe(0);
    const tiny = only(await full.encrypt(full.path('a')));
    expect(tiny.error?.code).toBe('DiskFull');
    await pairs.without(() => full.reopen());
    expect((await full.call('audit.verify', {})).ok).toBe(true);
    expect(full.list()).toEqual(['a', 'ballast']);

    rmSync(full.path('ballast'));
    expect(only(await full.encrypt(full.path('a'))).status).toBe('done');
    expect((await full.verify(full.path('a.keyward'))).bytes).toBe(content.length);
    expect((await full.call('audit.verify', {})).ok).toBe(true);
    await full.end();
  }
});

describe('short writes and reads', () => {
  it('are continued with the same ciphertext: no pair of key and IV is used twice', async () => {
    const content = randomBytes(3 * FRAME + 1);
    writeFileSync(vault.path('a'), content);
    let steps = 0;
    gateFiles(({ op, length }) => {
      if (op !== 'read' && op !== 'write') return undefined;
      steps++;
      return { atMost: Math.max(1, Math.floor((length ?? 1) / ((steps % 3) + 1))) };
    });
    expect(only(await vault.encrypt(vault.path('a'))).status).toBe('done');
    // Three frames and the final one, each sealed once; the rest are headers and rows.
    expect(pairs.size).toBeGreaterThan(4);
    rmSync(vault.path('a'));
    expect(only(await vault.decrypt(vault.path('a.keyward'))).status).toBe('done');
    expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
    expect(steps).toBeGreaterThan(20);
  });

  it('pitfall 28: a partial that another program holds for a moment is tried again with the same bytes', async () => {
    writeFileSync(vault.path('a'), randomBytes(2 * FRAME));
    let busy = 2;
    gateFiles(({ op, offset }) => {
      if (op === 'write' && (offset ?? 0) > FRAME && busy-- > 0) throw errno('EBUSY');
      return undefined;
    });
    expect(only(await vault.encrypt(vault.path('a'))).status).toBe('done');
    expect(busy).toBeLessThanOrEqual(0);
    setFaultHook(undefined);
    expect((await vault.verify(vault.path('a.keyward'))).status).toBe('done');
  });

  it('a second try after a failure uses a new data key and message id', async () => {
    writeFileSync(vault.path('a'), randomBytes(FRAME));
    gateFiles(({ op }) => {
      if (op === 'sync') throw errno('EIO');
      return undefined;
    });
    await vault.encrypt(vault.path('a'));
    setFaultHook(undefined);
    await vault.encrypt(vault.path('a'));
    const { entries } = await vault.call('audit.list', { limit: 2, event: 'GenerateDataKey' });
    const ids = entries.map(({ requestParameters }) => JSON.stringify(requestParameters));
    expect(new Set(ids).size).toBe(2);
  });
});
