import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * The launcher in a checkout of its own, whose command tells what it was started with: pitfall 64.
 */

const PROJECT = resolve(import.meta.dirname, '../..');
const TELLS = `
process.stdout.write(JSON.stringify({ file: process.argv[1], words: process.argv.slice(2), node: process.execArgv, env: process.env }));
if (process.argv[2] === 'wait') setInterval(() => undefined, 1_000);
`;

let folder: string;
let root: string;
let keyward: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-launcher-'));
  root = checkout('plain');
  keyward = join(root, 'bin/keyward');
  writeFileSync(join(folder, 'sourced'), `: > '${folder}/evil'\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function checkout(name: string): string {
  const made = join(folder, name);
  mkdirSync(join(made, 'out/main'), { recursive: true });
  cpSync(join(PROJECT, 'bin'), join(made, 'bin'), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(made, 'node_modules'));
  writeFileSync(join(made, 'out/main/cli.js'), TELLS);
  writeFileSync(join(made, 'package.json'), '{"type":"module"}');
  return made;
}

type Told = { file: string; words: string[]; node: string[]; env: Record<string, string> };

function start(file: string, words: string[] = [], options: SpawnSyncOptions = {}): Told {
  const { stdout, stderr, status } = spawnSync(file, words, { encoding: 'utf8', ...options });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(String(stdout)) as Told;
}

const shells = ['sh', 'dash', 'bash'].filter((shell) => existsSync(`/bin/${shell}`));

describe.skipIf(process.platform === 'win32')('the launcher', () => {
  it.each([
    ...['NODE_OPTIONS=--inspect', 'NODE_DEBUG=net,module', 'NODE_DEBUG_NATIVE=FS', 'NODE_CHANNEL_FD=9'],
    ...['NODE_V8_COVERAGE=evil', 'NODE_COMPILE_CACHE=evil', 'NODE_REDIRECT_WARNINGS=evil'],
    ...['NODE_EXTRA_CA_CERTS=/nowhere', 'NODE_REPL_EXTERNAL_MODULE=x', 'NODE_PATH=/tmp', 'NODE_UNIQUE_ID=1'],
    ...['NODE_INSPECT_RESUME_ON_START=1', 'NODE_PRESERVE_SYMLINKS_MAIN=1', 'NODE_TEST_CONTEXT=child'],
    ...['NODE_TLS_REJECT_UNAUTHORIZED=0', 'NODE_SOMETHING_TO_COME=1', 'OPENSSL_CONF=/nowhere'],
    ...['SSL_CERT_FILE=/nowhere', 'UV_THREADPOOL_SIZE=1'],
  ])('starts Node without %s', (setting) => {
    const [name = '', value = ''] = setting.split(/=(.*)/s);
    const { env, node } = start(keyward, ['x'], { cwd: folder, env: { ...process.env, [name]: value } });
    expect(env[name]).toBeUndefined();
    expect(node).toEqual(['--disable-sigusr1']);
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  it.each(shells)('is led astray by no variable of %s as the sh that starts it', (shell) => {
    const as = join(folder, shell, 'sh');
    mkdirSync(join(folder, shell));
    symlinkSync(`/bin/${shell}`, as);
    for (const setting of [
      ...[`CDPATH=.:/:${folder}`, 'IFS=/eo', 'GLOBIGNORE=*', 'POSIXLY_CORRECT=1', 'PS4=$(: > evil)'],
      ...['ENV=./sourced', 'PATH=/nowhere', 'PATH=', 'OLDPWD=/', 'PWD=/nowhere', 'BASH_FUNC_cd%%=() { :; }'],
      ...[
        'BASH_FUNC_readlink%%=() { echo /; }',
        'BASH_FUNC_command%%=() { :; }',
        'BASH_FUNC_exec%%=() { :; }',
      ],
    ]) {
      const [name = '', value = ''] = setting.split(/=(.*)/s);
      const run = { cwd: folder, env: { HOME: '/', PATH: process.env['PATH'], [name]: value } };
      const { file, env } = start(as, [keyward, 'a b', '*', ''], run);
      expect(file, setting).toBe(join(root, 'out/main/cli.js'));
      if (name === 'PATH') expect(env['PATH'] ?? '').toBe(value);
      expect(existsSync(join(folder, 'evil')), setting).toBe(false);
    }
  });

  it('passes its words on as they are, and the environment otherwise', () => {
    const words = ['a b', '*', '', '-x', "it's", 'two\nlines', '$HOME'];
    const told = start(keyward, words, { env: { HOME: '/h', KEYWARD_HOME: 'k', LINES: 'a\nNODE_X=b' } });
    expect(told.words).toEqual(words);
    expect(told.env).toMatchObject({ HOME: '/h', KEYWARD_HOME: 'k', LINES: 'a\nNODE_X=b' });
  });

  it.each(['Größe & Maß (1)', '100% "quoted" \'too\'', '-d', '$(exit 3)', ' a  b ', ';#?*'])(
    'starts from a folder called %s, by chains of links too',
    (name) => {
      const odd = checkout(join('odd', name));
      expect(start(join(odd, 'bin/keyward')).file).toBe(join(odd, 'out/main/cli.js'));
      symlinkSync('bin/keyward', join(odd, 'near'));
      const links = join(folder, 'links', name);
      mkdirSync(links, { recursive: true });
      symlinkSync(join('../../odd', name, 'near'), join(links, 'kw'));
      symlinkSync('kw', join(links, 'again'));
      symlinkSync(join(odd, 'bin'), join(links, 'bin'));
      const path = { ...process.env, PATH: `${name}:${process.env['PATH']}` };
      for (const [file, cwd] of [
        [join(links, 'again'), folder],
        ['./again', links],
        [join(links, 'bin/keyward'), folder],
        ['again', join(folder, 'links')],
      ] as const) {
        expect(start(file, [], { cwd, env: path }).file, file).toBe(join(odd, 'out/main/cli.js'));
      }
    },
  );

  it('opens no debugger for SIGUSR1, not even while it starts', async () => {
    for (const after of [0, 5, 10, 20, 40, 80]) {
      const child = spawn(keyward, ['wait'], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = new Promise((done) => child.once('close', done));
      child.stdout.resume();
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += String(chunk);
      });
      await new Promise((later) => setTimeout(later, after));
      child.kill('SIGUSR1');
      await new Promise((later) => setTimeout(later, 150));
      child.kill('SIGKILL');
      await ended;
      expect(said).not.toMatch(/debugger|inspector/i);
    }
  });

  it.skipIf(process.platform !== 'linux')('lets no crash leave a copy of the memory behind', async () => {
    const child = spawn('sh', ['-c', 'ulimit -S -c 1 2>/dev/null; exec "$0" wait', keyward], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((done) => child.once('close', done));
    try {
      await once(child.stdout, 'data');
      const limits = readFileSync(`/proc/${child.pid}/limits`, 'utf8');
      expect(limits).toMatch(/^Max core file size +0 +0 +/m);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });

  it('says why it starts nothing from a folder with a backslash in its name', () => {
    const odd = checkout(join('odd', 'back\\slash'));
    const { status, stderr } = spawnSync(join(odd, 'bin/keyward'), [], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('a backslash in its name')]);
  });

  it('says what is missing in a checkout that was not built', () => {
    const bare = checkout('bare');
    rmSync(join(bare, 'out'), { recursive: true });
    const { status, stderr } = spawnSync(join(bare, 'bin/keyward'), [], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`not built yet. Run in ${bare}: npm ci`)]);
  });
});

describe.skipIf(process.platform === 'win32')('the place of the vault', () => {
  const command = (env: NodeJS.ProcessEnv, ...words: string[]) => {
    const { PATH } = process.env;
    const run = { cwd: folder, encoding: 'utf8', env: { PATH, ...env } } as const;
    const { status, stdout, stderr } = spawnSync(join(PROJECT, 'bin/keyward'), words, run);
    return { status, said: `${stdout}${stderr}` };
  };

  it.each([
    [{ HOME: '' }, 'The variable HOME is empty'],
    [{ HOME: 'here' }, 'The variable HOME is "here"'],
    [{ HOME: '/', KEYWARD_HOME: '~/vault' }, 'KEYWARD_HOME is "~/vault"'],
    [{ HOME: '/', KEYWARD_HOME: '~' }, 'KEYWARD_HOME is "~"'],
  ])('is not guessed: %o', (env, words) => {
    const { status, said } = command(env, 'status');
    expect([status, said]).toEqual([2, expect.stringContaining(words)]);
    expect(existsSync(join(folder, '~')) || existsSync(join(folder, '.local'))).toBe(false);
  });

  it('is no folder called ~ that an option names', () => {
    const { status, said } = command({ HOME: '/' }, 'demo', '--home=~/demo');
    expect([status, said]).toEqual([2, expect.stringContaining('A path is "~/demo"')]);
    expect(existsSync(join(folder, '~'))).toBe(false);
  });

  it('is not made by root in the home of another user', (context) => {
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    if (spawnSync('chown', ['12345', theirs]).status !== 0) context.skip('needs root');
    writeFileSync(join(folder, 'pass'), 'lanterns under the harbour bridge\n');
    const words = ['init', '--passphrase-file', 'pass', '--recovery-file', join(folder, 'phrase')];
    for (const env of [{ HOME: theirs }, { HOME: '/', KEYWARD_HOME: join(theirs, 'v'), SUDO_UID: '12345' }]) {
      const { status, said } = command(env, ...words);
      expect([status, said]).toEqual([expect.any(Number), expect.stringContaining('without sudo')]);
      expect(spawnSync('ls', ['-A', theirs], { encoding: 'utf8' }).stdout).toBe('');
    }
  });
});
