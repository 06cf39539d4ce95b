import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documents } from '../../src/cli/documents.ts';
import { CommandHome } from '../support/command.ts';
import { SmallDisk } from '../support/small-disk.ts';

it('an owner on a full disk: opens files, steps down, says what is wrong, and makes its log good (pitfalls 6, 46)', async ({
  skip,
}) => {
  const disk = SmallDisk.mount(8);
  if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
  try {
    const home = await CommandHome.make(disk.folder);
    const json = async (words: readonly string[]) => {
      const { code, out } = await home.run(words);
      return { code, document: JSON.parse(out) };
    };
    const status = async () => documents.status.parse((await json(['status'])).document);
    const file = join(home.files, 'a');
    writeFileSync(file, randomBytes(100));
    await home.run(['unlock', ...home.unlocking]);
    await home.run(['encrypt', file]);
    // All that holds room back for the log is gone as well: the next entry has nowhere to go.
    rmSync(join(home.home, 'vault.db-reserve'));
    disk.fill();

    // What SQLite's journal has already can still be written over, for a while.
    const making = ['kms', 'create-key', '--description', 'x'.repeat(8_192)];
    let made = await json(making);
    for (let tries = 0; made.code === 0 && tries < 100; tries += 1) made = await json(making);
    expect(made.document.error).toMatchObject({ code: 'AuditUnwritable' });
    expect((await status()).auditTrouble).toMatchObject({ because: 'DiskFull', held: 0 });
    const down = await json(['step-down', 'operator']);
    expect(down).toMatchObject({ code: 0, document: { role: 'operator', logged: false } });
    expect((await json(['verify', `${file}.keyward`])).code).toBe(0);
    expect((await status()).auditTrouble?.held).toBeGreaterThanOrEqual(2);
    expect(await home.words(['status'])).toMatch(
      /CAN'T BE WRITTEN since .*: the disk is full\. Free some space/,
    );

    disk.free();
    await expect.poll(async () => (await status()).auditTrouble, { timeout: 15_000 }).toBeUndefined();
    const { document } = await json(['audit', 'list', '--limit', '5']);
    const names = document.entries.map(({ eventName }: { eventName: string }) => eventName);
    expect(names).toEqual(expect.arrayContaining(['AuditGap', 'StepDown', 'Decrypt', 'AuditResumed']));
    expect((await json(['audit', 'verify'])).document).toMatchObject({ ok: true });
    await home.run(['lock']);
  } finally {
    disk.unmount();
  }
});
