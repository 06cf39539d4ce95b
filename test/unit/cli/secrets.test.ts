import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Console } from '../../../src/cli/console.ts';
import { withCredential } from '../../../src/cli/secrets/credential.ts';
import { phraseLines, readPassphrase, readPhrase, SecretFile } from '../../../src/cli/secrets/files.ts';
import { newPassphrase } from '../../../src/cli/secrets/new-passphrase.ts';
import { askSecret } from '../../../src/cli/secrets/prompt.ts';
import { packCredential, unpackCredential } from '../../../src/cli/vault/handover.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyward-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

class FakeTerminal extends PassThrough {
  readonly isTTY = true;
  readonly modes: boolean[] = [];
  shown = '';
  setRawMode(on: boolean): void {
    this.modes.push(on);
  }
}

function face(options: { terminal?: FakeTerminal; env?: NodeJS.ProcessEnv } = {}): {
  console: Console;
  shown: () => string;
} {
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const stdin = options.terminal ?? new PassThrough();
  const stderr = Object.assign(output, { isTTY: options.terminal !== undefined });
  const made = new Console({
    env: options.env ?? {},
    cwd: folder,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: new PassThrough() as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  });
  return { console: made, shown: () => shown };
}

const NEW = { option: '--new-passphrase-file' };

const typed = (credential: Credential) =>
  credential.kind === 'passphrase' ? credential.bytes.toString() : credential.kind;

describe('prompt', () => {
  async function ask(...keys: string[]): Promise<{ secret: string; shown: string; terminal: FakeTerminal }> {
    const terminal = new FakeTerminal();
    let shown = '';
    const asked = askSecret(
      {
        input: terminal,
        output: {
          write: (text: string) => {
            shown += text;
          },
        },
      },
      'Passphrase: ',
    );
    for (const key of keys) terminal.write(key);
    return { secret: (await asked).toString(), shown, terminal };
  }

  it('takes what is typed and shows none of it', async () => {
    const { secret, shown, terminal } = await ask('hün', 'ter 2', '\r');
    expect(secret).toBe('hünter 2');
    expect(shown).toBe('Passphrase: \n');
    expect(terminal.modes).toEqual([true, false]);
  });

  it('erases whole characters and whole lines, and takes no control keys', async () => {
    expect((await ask('aü\u007fb\u0008c\n')).secret).toBe('ac');
    expect((await ask('\u007f\u007fx\n')).secret).toBe('x');
    expect((await ask('wrong\u0015right\u001b[A', '\n')).secret).toBe('right');
  });

  it('leaves what was typed ahead for the next question', async () => {
    const { secret, terminal } = await ask('one\ntwo\n');
    expect(secret).toBe('one');
    expect((await askSecret({ input: terminal, output: { write: () => true } }, '')).toString()).toBe('two');
  });

  it('is cancelled by Ctrl-C, Ctrl-D and the end of input', async () => {
    await expect(ask('abc\u0003')).rejects.toMatchObject({ code: 'Cancelled' });
    await expect(ask('\u0004')).rejects.toMatchObject({ code: 'Cancelled' });
    const terminal = new FakeTerminal();
    const asked = askSecret({ input: terminal, output: { write: () => true } }, '');
    terminal.end();
    await expect(asked).rejects.toMatchObject({ code: 'Cancelled' });
    expect(terminal.modes).toEqual([true, false]);
  });
});

describe('passphrase and phrase files', () => {
  it.each([
    ['pass word\n', 'pass word'],
    ['pass word\r\n', 'pass word'],
    ['pass\n\n', 'pass\n'],
    [' pass ', ' pass '],
  ])('takes %j as %j', async (content, passphrase) => {
    await writeFile(join(folder, 'p'), content);
    expect((await readPassphrase(join(folder, 'p'))).toString()).toBe(passphrase);
  });

  it('refuses an empty one, one too large, and one that is not there', async () => {
    await writeFile(join(folder, 'empty'), '\n');
    await expect(readPassphrase(join(folder, 'empty'))).rejects.toMatchObject({ code: 'Usage' });
    await writeFile(join(folder, 'large'), Buffer.alloc(5_000, 0x61));
    await expect(readPassphrase(join(folder, 'large'))).rejects.toBeInstanceOf(KeywardError);
    await expect(readPassphrase(join(folder, 'none'))).rejects.toMatchObject({ code: 'SourceNotFound' });
  });

  it.each([
    ['utf8', ''],
    ['utf8', '\ufeff'],
    ['utf16le', '\ufeff'],
  ] as const)('reads a phrase in any layout, in %s with %j in front', async (encoding, mark) => {
    const text = `${mark} 1. Abandon  2 ability\n3) able\r\nabout\n`;
    await writeFile(join(folder, 'p'), Buffer.from(text, encoding));
    expect(await readPhrase(join(folder, 'p'))).toBe('1. Abandon 2 ability 3) able about');
  });
});

describe('recovery file', () => {
  const phrase = Array.from({ length: 24 }, (_, i) => `word${String.fromCharCode(97 + i)}`).join(' ');

  it('is new, 0600, and reads back as the phrase', async () => {
    const path = join(folder, 'phrase.txt');
    const file = await SecretFile.make(path, join(folder, 'home'), '--recovery-file');
    await file.write(phraseLines(phrase));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(5);
    expect(await readPhrase(path)).toBe(phrase);
  });

  it('never replaces a file, and goes again when no vault was made', async () => {
    const path = join(folder, 'phrase.txt');
    await writeFile(path, 'mine');
    await expect(SecretFile.make(path, join(folder, 'home'), '--recovery-file')).rejects.toMatchObject({
      code: 'TargetExists',
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    const other = join(folder, 'other.txt');
    await (await SecretFile.make(other, join(folder, 'home'), '--recovery-file')).remove();
    await expect(stat(other)).rejects.toThrow();
  });

  it('is refused inside the vault home by any name of it, and allowed beside', async () => {
    const home = join(folder, 'home');
    await mkdir(join(home, 'sub'), { recursive: true });
    await symlink(home, join(folder, 'link'));
    for (const path of [join(home, 'p'), join(home, 'sub', 'p'), join(folder, 'link', 'p')]) {
      await expect(SecretFile.make(path, home, '--recovery-file'), path).rejects.toMatchObject({
        code: 'TargetInVault',
      });
      await expect(
        SecretFile.make(path, join(folder, 'link'), '--recovery-file'),
        path,
      ).rejects.toMatchObject({
        code: 'TargetInVault',
      });
    }
    await mkdir(join(folder, 'home-evil'));
    await (await SecretFile.make(join(folder, 'home-evil', 'p'), home, '--recovery-file')).remove();
    await (await SecretFile.make(join(folder, '..home'), home, '--recovery-file')).remove();
  });
});

describe('credential', () => {
  const none = async () => [];

  it('comes from the option before the environment, and is wiped', async () => {
    await writeFile(join(folder, 'a'), 'first\n');
    await writeFile(join(folder, 'b'), 'second\n');
    const { console: at } = face({ env: { KEYWARD_PASSPHRASE_FILE: 'b' } });
    let kept: Uint8Array | undefined;
    const used = await withCredential(at, { passphraseFile: 'a' }, none, async (credential) => {
      if (credential.kind === 'passphrase') kept = credential.bytes;
      return typed(credential);
    });
    expect(used).toBe('first');
    expect(kept?.every((byte) => byte === 0)).toBe(true);
    expect(await withCredential(at, {}, none, async (c) => typed(c))).toBe('second');
  });

  it('asks the keychain only where the vault has it and no source is given', async () => {
    await writeFile(join(folder, 'a'), 'first');
    const both = async () => ['passphrase', 'keychain'];
    expect(await withCredential(face().console, {}, both, async (c) => c.kind)).toBe('keychain');
    expect(await withCredential(face().console, { passphraseFile: 'a' }, both, async (c) => c.kind)).toBe(
      'passphrase',
    );
  });

  it('says what to do where there is nobody to ask', async () => {
    await expect(withCredential(face().console, {}, none, async () => 0)).rejects.toMatchObject({
      code: 'VaultLocked',
      reason: 'locked-without-terminal',
    });
    await expect(
      withCredential(face().console, { passphraseFile: 'a', recoveryFile: 'b' }, none, async () => 0),
    ).rejects.toMatchObject({ code: 'Usage' });
  });

  it('asks a person again after a mistyped passphrase, three times in all', async () => {
    const terminal = new FakeTerminal();
    const { console: at, shown } = face({ terminal });
    terminal.write('wrong\nright\n');
    const tried: string[] = [];
    const use = async (credential: Credential) => {
      tried.push(typed(credential));
      if (typed(credential) !== 'right') throw new KeywardError('WrongPassphrase', 'No.');
      return 'open';
    };
    expect(await withCredential(at, {}, none, use)).toBe('open');
    expect(tried).toEqual(['wrong', 'right']);
    expect(shown()).not.toContain('right');
    terminal.write('a\nb\nc\nright\n');
    await expect(withCredential(at, {}, none, use)).rejects.toMatchObject({ code: 'WrongPassphrase' });
  });

  it('falls back from a keychain that fails to asking', async () => {
    const terminal = new FakeTerminal();
    terminal.write('typed\n');
    const { console: at, shown } = face({ terminal });
    const opened = await withCredential(
      at,
      {},
      async () => ['keychain'],
      async (credential) => {
        if (credential.kind === 'keychain')
          throw new KeywardError('KeychainUnavailable', 'The keychain is locked.');
        return typed(credential);
      },
    );
    expect(opened).toBe('typed');
    expect(shown()).toContain('The keychain is locked.');
  });

  it('asks for a new passphrase twice: pitfall 34', async () => {
    const terminal = new FakeTerminal();
    terminal.write('one\ntwo\nsame\nsame\nno\nsame\nsame\nyes\n');
    const { console: at, shown } = face({ terminal });
    expect((await newPassphrase(at, NEW))?.toString()).toBe('same');
    expect(shown()).toContain('The two differ.');
    // One accent typed in two ways is the same (pitfall 65).
    const accents = new FakeTerminal();
    accents.write('caf\u00e9\ncafe\u0301\nyes\n');
    expect((await newPassphrase(face({ terminal: accents }).console, NEW))?.toString()).toBe('caf\u00e9');
    await expect(newPassphrase(face().console, NEW)).rejects.toMatchObject({ code: 'Usage' });
    expect(await newPassphrase(face().console, { ...NEW, optional: 'none' })).toBeUndefined();
  });

  it('reaches the background process as it is', () => {
    const all: Credential[] = [
      { kind: 'passphrase', bytes: Buffer.from([0, 255, 10]) },
      { kind: 'recovery-phrase', phrase: 'a b c' },
      { kind: 'keychain' },
    ];
    for (const credential of all) expect(unpackCredential(packCredential(credential))).toEqual(credential);
    expect(() => unpackCredential(Buffer.alloc(0))).toThrow(
      expect.objectContaining({ reason: 'argument-of-unlock' }),
    );
  });
});
