import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const FRAME = 1 << 20;

const vault = await oneVault();

const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Encrypts a file, removes it, decrypts it beside and checks that bytes, time and mode are as they were. */
async function roundTrip(path: string): Promise<string> {
  const before = { hash: hash(path), stat: statSync(path, { bigint: true }) };
  const made = only(await vault.encrypt(path));
  expect(made).toMatchObject({ status: 'done', bytes: Number(before.stat.size) });
  expect({ hash: hash(path), ...timesOf(path) }, 'the source is as it was').toEqual({
    hash: before.hash,
    ...timesOf(path),
  });
  rmSync(path);
  const back = only(await vault.decrypt(made.output ?? ''));
  expect(back).toMatchObject({ status: 'done', output: path, bytes: Number(before.stat.size) });
  expect(hash(path)).toBe(before.hash);
  const after = statSync(path, { bigint: true });
  expect(after.mtimeNs / 1000n).toBe(before.stat.mtimeNs / 1000n);
  expect(after.mode).toBe(before.stat.mode);
  return made.output ?? '';
}

function timesOf(path: string) {
  const { mtimeNs, mode, size } = statSync(path, { bigint: true });
  return { mtimeNs, mode, size };
}

describe('sizes', () => {
  const sizes = [0, 1, 4096, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME - 1, 2 * FRAME, 3 * FRAME + 17];
  for (const size of sizes) {
    const name = size === 0 ? 'pitfall 5: a file of 0 bytes' : `a file of ${size} bytes`;
    it(`${name} comes back equal`, async () => {
      const path = vault.path('file');
      writeFileSync(path, randomBytes(size));
      const output = await roundTrip(path);
      expect((await vault.verify(output)).bytes).toBe(size);
      const facts = await vault.call('files.inspect', { source: output });
      expect(facts).toMatchObject({
        plaintextBytes: size,
        frames: Math.max(1, Math.ceil(size / FRAME)),
        fileBytes: statSync(output).size,
        notes: [],
      });
    });
  }
});

describe('times and modes', () => {
  for (const mode of [0o400, 0o600, 0o644, 0o664, 0o755, 0o777]) {
    it(`pitfall 24: mode ${mode.toString(8)} and a time before 1970 or far ahead come back`, async () => {
      for (const seconds of [-86_400.5, 0, 1.000001, 1_234_567_890.123456, 4_102_444_800.999999]) {
        const path = vault.path(`file ${seconds}`);
        writeFileSync(path, 'x');
        chmodSync(path, mode);
        utimesSync(path, seconds, seconds);
        await roundTrip(path);
      }
    });
  }

  it('a set-user-id bit does not come back', async () => {
    const path = vault.path('file');
    writeFileSync(path, 'x');
    chmodSync(path, 0o4755);
    const made = only(await vault.encrypt(path));
    rmSync(path);
    await vault.decrypt(made.output ?? '');
    expect(statSync(path).mode & 0o7777).toBe(0o755);
  });
});

describe('names', () => {
  const names = {
    'with spaces': ' two  spaces .txt ',
    'with an emoji': '🗝️ family 👩‍👩‍👧.txt',
    'in Chinese': '保险库.文档',
    'with a leading dash': '-rf',
    'with two leading dashes': '--out',
    'with a newline': 'line one\nline two.txt',
    'with control characters': 'bell\u0007 escape\u001b[31m red\u007f.txt',
    'with quotes and a backslash': `it's "quoted" \\ $(touch x) \`y\`.txt`,
    'that starts with a dot': '.hidden',
    'of dots and a space': '... .',
    'that ends in the suffix of partials': 'x.partial',
    'in right-to-left script': 'מסמך\u202etxt.pdf',
    'like a percent escape': '%2e%2e%2f.txt',
  };
  for (const [kind, name] of Object.entries(names)) {
    it(`a name ${kind} comes back`, async () => {
      writeFileSync(vault.path(name), name);
      const output = await roundTrip(vault.path(name));
      expect(output).toBe(vault.path(`${name}.keyward`));
      expect(vault.list()).toEqual([name, `${name}.keyward`].sort());
    });
  }

  for (const [kind, letter] of [
    ['letters', 'n'],
    ['emoji', '🗝'],
    ['CJK', '保'],
  ] as const) {
    it(`pitfall 21: names of 255 bytes of ${kind} come back, also two that differ only at the end`, async () => {
      const width = Buffer.byteLength(letter);
      const common = letter.repeat(Math.floor(254 / width));
      const names = ['a', 'b'].map((end) => common + end.repeat(255 - Buffer.byteLength(common)));
      for (const name of names) {
        expect(Buffer.byteLength(name)).toBe(255);
        writeFileSync(vault.path(name), name);
      }
      const made = await vault.encrypt(names.map((name) => vault.path(name)));
      expect(made.map(({ status }) => status)).toEqual(['done', 'done']);
      for (const name of names) rmSync(vault.path(name));
      const back = await vault.decrypt(made.map(({ output }) => output ?? ''));
      expect(back.map(({ output }) => output)).toEqual(names.map((name) => vault.path(name)));
      for (const name of names) expect(readFileSync(vault.path(name), 'utf8')).toBe(name);
    });
  }

  it('pitfall 18: the NFC and NFD of one name stay two files', async () => {
    const names = ['Caf\u00e9.txt', 'Cafe\u0301.txt'];
    for (const name of names) writeFileSync(vault.path(name), `as ${name.length} characters`);
    const made = await vault.encrypt(vault.files, { each: true });
    expect(made.map(({ status }) => status)).toEqual(['done', 'done']);
    const back = await vault.decrypt(
      made.map(({ output }) => output ?? ''),
      { out: vault.path('out') },
    );
    expect(back.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(vault.list('out')).toEqual([...names].sort());
    for (const name of names) {
      expect(readFileSync(vault.path('out', name), 'utf8')).toBe(`as ${name.length} characters`);
    }
  });

  it('pitfall 10: a renamed encrypted file keeps its new name, less the suffix', async () => {
    writeFileSync(vault.path('Return 2025.pdf'), 'pdf');
    const made = only(await vault.encrypt(vault.path('Return 2025.pdf')));
    writeFileSync(vault.path('For the court.pdf.keyward'), readFileSync(made.output ?? ''));
    writeFileSync(vault.path('no suffix'), readFileSync(made.output ?? ''));
    rmSync(vault.path('Return 2025.pdf'));
    const outputs = [];
    for (const name of ['Return 2025.pdf.keyward', 'For the court.pdf.keyward', 'no suffix']) {
      outputs.push(only(await vault.decrypt(vault.path(name))).output);
      rmSync(vault.path('Return 2025.pdf'), { force: true });
    }
    expect(outputs).toEqual(
      ['Return 2025.pdf', 'For the court.pdf', 'Return 2025.pdf'].map((name) => vault.path(name)),
    );
  });

  it('a name that is not UTF-8 is reported, and the rest of the folder goes on', async () => {
    writeFileSync(Buffer.concat([Buffer.from(vault.path('bad-')), Buffer.from([0xff, 0xfe])]), 'x');
    writeFileSync(vault.path('good'), 'x');
    const results = await vault.encrypt(vault.files, { each: true });
    expect(results.map(({ status, error }) => error?.code ?? status).sort()).toEqual([
      'SourceNameNotText',
      'done',
    ]);
  });
});

describe('folders', () => {
  it('pitfalls 22 and 23: hidden files count, links are not followed, count in is count out', async () => {
    mkdirSync(vault.path('tree', '.config', 'deep'), { recursive: true });
    mkdirSync(vault.path('outside'));
    const files = ['a', '.hidden', '.config/b', '.config/deep/c', '.config/.d'];
    for (const file of files) writeFileSync(vault.path('tree', file), file);
    writeFileSync(vault.path('outside', 'secret'), 'x');
    const links = { dangling: 'nowhere', itself: 'itself', out: '../outside', file: 'a', up: '..' };
    for (const [name, to] of Object.entries(links)) symlinkSync(to, vault.path('tree', name));

    const results = await vault.encrypt(vault.path('tree'), { each: true, out: vault.path('enc') });
    expect(results.filter(({ status }) => status === 'done')).toHaveLength(files.length);
    const skipped = results.filter(({ status }) => status === 'skipped');
    expect(skipped.map(({ source }) => source).sort()).toEqual(
      Object.keys(links)
        .map((name) => vault.path('tree', name))
        .sort(),
    );
    expect(results).toHaveLength(files.length + skipped.length);

    const back = await vault.decrypt(vault.path('enc'), { each: true, out: vault.path('dec') });
    expect(back.filter(({ status }) => status === 'done')).toHaveLength(files.length);
    const restored = vault.list('dec').filter((path) => statSync(vault.path('dec', path)).isFile());
    expect(restored.map((path) => readFileSync(vault.path('dec', path), 'utf8')).sort()).toEqual(
      [...files].sort(),
    );
  });

  it('a link that is named itself is followed; a loop and a dangling one are plain errors', async () => {
    writeFileSync(vault.path('real'), 'x');
    symlinkSync('real', vault.path('link'));
    symlinkSync('loop', vault.path('loop'));
    symlinkSync('nowhere', vault.path('dangling'));
    const codes = [];
    for (const name of ['link', 'loop', 'dangling']) {
      const result = only(await vault.encrypt(vault.path(name)));
      codes.push(result.error?.code ?? result.status);
    }
    expect(codes).toEqual(['done', 'SourceUnreadable', 'SourceNotFound']);
    expect(vault.list()).toEqual(['dangling', 'link', 'link.keyward', 'loop', 'real']);
  });

  it('a folder needs --each, and encrypting it twice changes nothing', async () => {
    mkdirSync(vault.path('tree'));
    writeFileSync(vault.path('tree', 'a'), 'x');
    expect(only(await vault.encrypt(vault.path('tree'))).error?.code).toBe('SourceIsFolder');
    await vault.encrypt(vault.path('tree'), { each: true });
    const again = await vault.encrypt(vault.path('tree'), { each: true });
    expect(again.map(({ error, status }) => error?.code ?? status)).toEqual(['TargetExists', 'skipped']);
    expect(vault.list('tree')).toEqual(['a', 'a.keyward']);
  });
});

describe('--out', () => {
  beforeEach(() => {
    for (const name of ['a', 'b']) writeFileSync(vault.path(name), name);
  });

  it('takes an existing folder, a folder to be made, or the name of the one output', async () => {
    mkdirSync(vault.path('there'));
    const forms = { there: 'there/a.keyward', 'new/': 'new/a.keyward', 'b.bin': 'b.bin' };
    for (const [out, expected] of Object.entries(forms)) {
      // join() keeps the final slash, which is what is asked for here.
      const result = only(await vault.encrypt(vault.path('a'), { out: join(vault.files, out) }));
      expect(result.output).toBe(vault.path(expected));
    }
    const several = await vault.encrypt([vault.path('a'), vault.path('b')], { out: vault.path('both') });
    expect(several.map(({ output }) => output)).toEqual([
      vault.path('both', 'a.keyward'),
      vault.path('both', 'b.keyward'),
    ]);
  });

  it('refuses several files into one name, and anything inside the vault', async () => {
    await expect(
      vault.encrypt([vault.path('a'), vault.path('b')], { out: vault.path('b') }),
    ).rejects.toMatchObject({ code: 'TargetExists' });
    symlinkSync(vault.home, vault.path('door'));
    for (const out of [join(vault.home, 'x'), vault.home, vault.path('door'), join(vault.home, 'run')]) {
      expect(only(await vault.encrypt(vault.path('a'), { out })).error?.code).toBe('TargetInVault');
    }
    expect(readFileSync(vault.path('b'), 'utf8')).toBe('b');
  });

  it("passes over the vault's own folder below one that is walked, and where it is named", async () => {
    writeFileSync(vault.path('mine'), 'mine');
    const out = vault.path('out');
    for (const [source, done] of [
      [dirname(vault.home), true],
      [vault.home, false],
    ] as const) {
      const results = await vault.encrypt(source, { out, each: true, overwrite: true });
      expect(results.some((each) => each.source === vault.path('mine') && each.status === 'done')).toBe(done);
      expect(results.filter(({ source: path }) => path.startsWith(vault.home))).toMatchObject([
        { source: vault.home, status: 'skipped', notes: ["It is the vault's own folder."] },
      ]);
    }
  });

  it('two sources of one job never share an output, even with --overwrite', async () => {
    for (const folder of ['one', 'two']) {
      mkdirSync(vault.path(folder));
      writeFileSync(vault.path(folder, 'same'), folder);
    }
    const sources = ['one', 'two'].map((folder) => vault.path(folder, 'same'));
    const results = await vault.encrypt(sources, { out: vault.path('out'), overwrite: true });
    expect(results.map(({ error, status }) => error?.code ?? status)).toEqual(['done', 'TargetExists']);
    const back = only(await vault.decrypt(vault.path('out', 'same.keyward'), { out: vault.path('back') }));
    expect(readFileSync(back.output ?? '', 'utf8')).toBe('one');
    const encrypted = [];
    for (const source of sources) encrypted.push(only(await vault.encrypt(source)).output ?? '');
    const decrypted = await vault.decrypt(encrypted, { out: vault.path('plain'), overwrite: true });
    expect(decrypted.map(({ error, status }) => error?.code ?? status)).toEqual(['done', 'TargetExists']);
  });
});

describe('context', () => {
  it('stands in clear in the file and is asked of nobody again', async () => {
    writeFileSync(vault.path('a'), 'x');
    const context = { year: '2026', Ärztin: 'Dr. 🗝', empty: '' };
    const made = only(await vault.encrypt(vault.path('a'), { context }));
    const facts = await vault.call('files.inspect', { source: made.output ?? '' });
    expect(facts.context).toEqual(context);
    expect((await vault.verify(made.output ?? '')).status).toBe('done');
    const [entry] = (await vault.call('audit.list', { limit: 1 })).entries;
    expect(entry?.requestParameters).toMatchObject({
      encryptionContext: { ...context, 'keyward:message-id': facts.messageId },
    });
  });

  it('refuses the names that are reserved', async () => {
    writeFileSync(vault.path('a'), 'x');
    for (const name of ['keyward:message-id', 'keyward:x', 'aws-crypto-public-key']) {
      const result = only(await vault.encrypt(vault.path('a'), { context: { [name]: 'x' } }));
      expect(result.error?.code).toBe('ValidationException');
    }
    expect(vault.list()).toEqual(['a']);
  });
});
