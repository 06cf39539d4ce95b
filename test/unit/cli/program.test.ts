import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Console } from '../../../src/cli/console.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

function made(): { console: Console; out: () => string; err: () => string } {
  const collected = ['', ''];
  const stream = (i: number) => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => {
      collected[i] += chunk.toString();
    });
    return through as unknown as NodeJS.WriteStream;
  };
  const console = new Console({
    env: { KEYWARD_HOME: '/nonexistent/keyward-home' },
    cwd: '/home/ada',
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    stdout: stream(0),
    stderr: stream(1),
  });
  return { console, out: () => collected[0] ?? '', err: () => collected[1] ?? '' };
}

async function run(...words: string[]) {
  const { console, out, err } = made();
  await runProgram(console, words, '9.9.9');
  return { exit: console.exit, out: out(), err: err() };
}

describe('words of the command', () => {
  it.each([
    [[], 'No command given.'],
    [['lokc'], 'lock'],
    [['keys'], 'Say which: list, create'],
    [['encrypt'], "Missing required argument 'path'"],
    [['encrypt', '--frob', 'a'], 'Put -- before names that begin with a dash.'],
    [['encrypt', '-', 'a'], 'Give - alone.'],
    [['encrypt', '-', '--out', 'x'], 'no --out'],
    [['encrypt', '-', '--json'], 'no --out, --each, --overwrite or --json'],
    [['encrypt', 'a', '--out', '-'], 'For a pipe give -'],
    [['encrypt', 'a', '--context', 'novalue'], 'name=value'],
    [['encrypt', 'a', '-c', 'a=1', '-c', 'a=2'], 'given twice'],
    [['encrypt', 'a', '-c', '__proto__=1'], 'not allowed'],
    [['decrypt', 'a', '--buffered'], '--buffered is for pipes'],
    [['verify', '-'], 'not on pipes'],
    [['audit', 'list', '--limit', 'many'], '--limit takes a whole number from 1 to 1000, and "many" is not'],
    [['audit', 'list', '--limit', '1001'], '--limit takes a whole number from 1 to 1000'],
    [['audit', 'list', '--before', '0'], '--before takes a whole number from 1 on'],
    [['keys', 'delete', 'a', '--days', '6'], '--days takes a whole number from 7 to 30, and "6" is not'],
    [['keys', 'rotation', 'a', '--every', '89'], '--every takes a whole number from 90 to 2560'],
    [['keys', 'rotation', 'a'], 'keyward keys rotation --help'],
    [['serve', '--port', '0'], '--port takes a whole number from 1 to 65535'],
    [['keys', 'versions', 'disable', 'a', '1234567'], 'keyward keys describe KEY'],
    [['rewrap', 'a', '--from-version', 'newest'], '--from-version takes'],
    [['keys', 'export-material', 'a', '-o', 'b', '--key-version', '12345678'], 'the 64 digits'],
    [['keys', 'explain', 'a', '--principal', 'b', '--action', 'c', '--with', 'd'], '--with takes name=value'],
    [['keys', 'describe', ''], 'The name of the key is empty.'],
    [['encrypt', 'a', '--key', ''], 'The name of the key is empty.'],
    [['decrypt', 'a', '--range', '0-9007199254740993'], '--range takes two places'],
    [['clients', 'create', 'a b', '--full-access'], 'up to 64 letters'],
    [['clients', 'revoke', ''], 'up to 64 letters'],
    [['encrypt', '--each', ''], 'A path is empty.'],
    [['encrypt', 'a', '--out', ''], 'A path is empty.'],
    [['keys', 'versions'], 'Say which: list, disable, enable. '],
    [['keys', 'versions', 'list'], "Missing required argument 'key'"],
    [['keys', 'versions', 'lsit'], '(Did you mean list?)'],
    [['keys', 'explain', 'a', '--principal', 'b', '--action', 'Decypt'], 'There is no action "Decypt".'],
    [['keys', 'explain', 'a', '--principal', 'b', '--action', 'kms:ReEncrypt'], 'kms:ReEncryptFrom and'],
    [['unlock', '--as', 'auditor'], "Unknown option '--as'"],
    [['step-up', '--as', 'auditor'], "Unknown option '--as'"],
    [['help', 'nope'], 'There is no command "keyward nope".'],
    [['help', 'keys', 'versions', 'nope'], 'See: keyward keys versions --help'],
    [['keys', '--json'], 'Options stand behind the command. See: keyward keys --help'],
    [['init'], '--recovery-file FILE'],
    [['status', 'extra'], 'Too many arguments'],
  ])('refuses %j as wrong usage, in one line and one more', async (words, said) => {
    const { exit, out, err } = await run(...words);
    expect(exit).toBe(2);
    expect(out === '' || words.includes('--json')).toBe(true);
    expect((out + err).replaceAll('\n  ', ' ').replaceAll('\\"', '"')).toContain(said);
    expect(err.split('\n').length).toBeLessThanOrEqual(3);
  });

  it('tells wrong usage as one JSON document too, but not for what stands after --', async () => {
    const { exit, out, err } = await run('encrypt', '--frob', '--json');
    expect(exit).toBe(2);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'Usage' } });
    expect((await run('frob', '--', '--json')).err).toContain('frob');
  });

  it('prints help and version to standard output and is done', async () => {
    for (const words of [
      ['--help'],
      ['help'],
      ['encrypt', '--help'],
      ['keys', '--help'],
      ['help', 'encrypt'],
    ]) {
      expect((await run(...words)).exit, words.join(' ')).toBe(0);
    }
    expect((await run('help', 'keys', 'versions', 'list')).out).toContain(
      'keyward keys versions list [options]',
    );
    expect(await run('--version')).toEqual({ exit: 0, out: '9.9.9\n', err: '' });
  });

  it('refuses a folder without --each before asking for anything', async () => {
    const { exit, err } = await run('encrypt', '/tmp');
    expect(exit).toBe(2);
    expect(err).toContain('--each');
  });

  it('says how to make a vault where there is none', async () => {
    const { exit, err } = await run('encrypt', 'a.txt');
    expect(exit).toBe(3);
    expect(err).toContain('keyward init');
  });
});

describe('face', () => {
  it('splits an error into what happened and what to do next, and shows names safely', () => {
    const { console, err } = made();
    console.fail(
      new KeywardError('DiskFull', 'Could not write /a\u001b[2J: the disk is full. Free some space.'),
    );
    expect(err()).toBe('keyward: Could not write /a\\x1b[2J: the disk is full.\n  Free some space.\n');
    expect(console.exit).toBe(1);
  });

  it('names the file that an error does not name itself, and what a refusal came of', () => {
    const { console, err } = made();
    const decision = { allowed: false, reason: 'Statement "No" of the key\'s policy denies it.' };
    for (const path of ['a.txt', 'b.txt']) console.absolute(path);
    console.explain(
      new KeywardError('AccessDeniedException', 'Not authorized', { decision }),
      '/home/ada/a.txt',
    );
    const cause = '/home/ada/a.txt could not be opened: User: x is not authorized. Not at all.';
    console.explain(new KeywardError('AccessDeniedException', cause, { decision }), '/home/ada/a.txt');
    console.explain(new KeywardError('DisabledException', 'The key is disabled.'), '/home/ada/b.txt');
    console.explain(
      new KeywardError('DisabledException', '/b could not be opened: Key x is disabled.'),
      '/b',
    );
    console.explain(new KeywardError('DiskFull', 'No room for /home/ada/c.txt.'), '/home/ada/c.txt');
    expect(err().split('\n')).toEqual([
      'keyward: a.txt: Not authorized',
      '  Statement "No" of the key\'s policy denies it.',
      'keyward: /home/ada/a.txt could not be opened: User: x is not authorized.',
      '  Statement "No" of the key\'s policy denies it.',
      'keyward: b.txt: The key is disabled.',
      '  Enable the key with: keyward keys enable KEY',
      'keyward: /b could not be opened: Key x is disabled.',
      '  Enable the key with: keyward keys enable KEY',
      'keyward: No room for /home/ada/c.txt.',
      '',
    ]);
  });

  it('says how to have a key back that is pending deletion, and else where its state stands', () => {
    const { console, err } = made();
    const code = 'KMSInvalidStateException';
    console.fail(new KeywardError(code, 'arn:aws:kms:x is pending deletion.'));
    console.fail(new KeywardError(code, 'arn:aws:kms:x is not pending deletion.'));
    expect(err()).toMatch(/keys cancel-deletion KEY\n.*\n.*keys describe KEY\n$/);
  });

  it('says what to do about a policy that is wrong, or that would lock its author out', () => {
    const { console, err } = made();
    const code = 'MalformedPolicyDocumentException';
    console.fail(new KeywardError(code, 'Statement[0].Effect: must be Allow or Deny'));
    console.fail(new KeywardError(code, 'The new key policy will not allow you …', { locksOut: true }));
    expect(err()).toContain('Correct the policy there');
    expect(err()).toContain('--bypass-policy-lockout-safety-check');
    expect(err()).toContain('keyward keys reset-policy KEY');
  });

  it.each(['InvalidCiphertextException', 'KMSInvalidSignatureException', 'KMSInvalidMacException'] as const)(
    'has words for %s, which AWS leaves without any',
    (code) => {
      const { console, err } = made();
      console.explain(new KeywardError(code, ''));
      expect(err()).toMatch(/^keyward: The [a-zA-Z]+ does not .*\.\n {2}\w.*\.\n$/);
    },
  );

  it('points to where what was not found can be looked for', () => {
    const { console, err } = made();
    for (const details of [{}, { client: 'x' }, { key: 'k', version: 'v' }]) {
      console.explain(new KeywardError('NotFoundException', 'Not there.', details));
    }
    expect(err().match(/keyward (keys|clients) .*/g)).toEqual([
      ...['keyward keys list', 'keyward clients list', 'keyward keys describe KEY'],
    ]);
  });

  it('prints one document, whatever happens after it', () => {
    const { console, out } = made();
    console.json = true;
    console.document({ results: [] });
    console.document({ results: [] });
    console.fail(new KeywardError('DiskFull', 'Full.'));
    expect(JSON.parse(out())).toEqual({ ok: true, results: [] });
    expect(console.exit).toBe(1);
  });

  it('prints one document of a list that comes in parts', async () => {
    const parts = [[{ a: 'x\u2028' }, { b: [] }], [], [{ c: 1 }]];
    for (const broken of [false, true]) {
      const { console, out } = made();
      console.json = true;
      for (const part of parts) await console.documentItems('results', part);
      if (broken) console.raise('OwnerUnreachable');
      console.document({ outcomes: { done: 3 } });
      console.document({ nothing: 'more' });
      console.fail(new KeywardError('DiskFull', 'Full.'));
      await console.documentItems('results', [1]);
      const results = [{ a: 'x\u2028' }, { b: [] }, { c: 1 }];
      expect(JSON.parse(out())).toEqual({ results, outcomes: { done: 3 }, ok: !broken });
      expect(out()).not.toContain('\u2028');
    }
  });

  it('keeps the highest exit code that occurred', () => {
    const { console } = made();
    for (const code of ['DiskFull', 'FileDamaged', 'DisabledException'] as const) console.raise(code);
    expect(console.exit).toBe(5);
  });

  it('says in its document whether all went well', () => {
    const { console, out } = made();
    console.json = true;
    console.raise('FileDamaged');
    console.document({ results: [] });
    expect(JSON.parse(out())).toEqual({ ok: false, results: [] });
  });

  it.each([false, true])('says once why its output is lost, and nothing more (--json: %s)', (json) => {
    const { console, out, err } = made();
    console.json = json;
    for (const code of ['DiskFull', 'IoFailed'] as const)
      console.outputBroke(new KeywardError(code, `${code}.`));
    console.fail(new KeywardError('Cancelled', 'Something else.'));
    expect([out(), err(), console.exit]).toEqual(['', 'keyward: DiskFull.\n', 1]);
    expect(console.signal.aborted).toBe(true);
  });

  it('says nothing more once nobody reads, and fails', () => {
    const { console, out, err } = made();
    console.outputBroke(undefined);
    console.say('x');
    console.note('y');
    console.fail(new KeywardError('Cancelled', 'Cancelled.'));
    expect(out() + err()).toBe('');
    expect(console.exit).toBe(1);
    expect(console.signal.aborted).toBe(true);
  });

  it('takes paths against the current folder, and tells them as they were given or absolute', () => {
    const { console } = made();
    expect(console.absolute('a/b')).toBe('/home/ada/a/b');
    expect(console.absolute('out/')).toBe('/home/ada/out/');
    expect(console.absolute('../bob/./x.pdf')).toBe('/home/bob/x.pdf');
    expect(console.absolute('..')).toBe('/home');
    const told = {
      '/home/ada/a/b': 'a/b',
      '/home/ada/a/b/c/d': 'a/b/c/d',
      '/home/ada/out': 'out/',
      '/home/ada/out/x': 'out/x',
      '/home/ada/y': '../ada/y',
      '/home/bob/x.pdf': '../bob/./x.pdf',
      '/home': '..',
      '/home/eve/z': '../eve/z',
      '/srv/z': '/srv/z',
    };
    expect(Object.fromEntries(Object.keys(told).map((path) => [path, console.path(path)]))).toEqual(told);
  });

  it('tells paths that nobody gave as absolute, also below the current folder', () => {
    const { console } = made();
    expect(console.path('/home/ada/.local/share/keyward')).toBe('/home/ada/.local/share/keyward');
    console.absolute('/home/ada/d');
    expect(console.path('/home/ada/d/x')).toBe('/home/ada/d/x');
  });
});
