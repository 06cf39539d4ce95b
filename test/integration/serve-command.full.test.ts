import { DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documents, failureDocument } from '../../src/cli/json-documents.ts';
import { CommandHome } from '../support/command.ts';
import {
  type AccessKey,
  clientOf,
  listeningPorts,
  type ServeCommand,
  serveCommand,
} from '../support/endpoint.ts';

let home: CommandHome;
let key: AccessKey;
const started: ServeCommand[] = [];

beforeAll(async () => {
  home = await CommandHome.make();
  const { out } = await home.run(['clients', 'create', 'app', '--full-access', ...home.unlocking]);
  key = documents['clients create'].parse(JSON.parse(out));
});

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await home.run(['lock']);
});

afterAll(() => home.end());

async function serve(words: readonly string[] = []): Promise<ServeCommand> {
  const made = await serveCommand(home, words);
  started.push(made);
  return made;
}

/** Whether the client gets an answer. */
async function answers({ facts }: Pick<ServeCommand, 'facts'>): Promise<boolean> {
  try {
    return (await clientOf(facts, key).send(new ListKeysCommand({}))).Keys?.length === 1;
  } catch {
    return false;
  }
}

async function failure(words: readonly string[]) {
  const { code, out } = await home.run(words);
  return { exit: code, ...failureDocument.parse(JSON.parse(out)).error };
}

async function statusOf() {
  return documents.status.parse(JSON.parse((await home.run(['status'])).out));
}

/** Where the system tells it: what a process listens at. */
const portsOf = (pid: number | undefined) => (process.platform === 'linux' ? listeningPorts(pid ?? 0) : []);

describe('keyward serve', () => {
  it('holds the vault, serves it until told to end, and says all on one line', async () => {
    const command = await serve();
    const { endpoint, region, account } = command.facts;
    expect([region, account]).toEqual(['local', '000000000000']);
    const kms = clientOf(command.facts, key);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/my-files' }));
    expect(KeyMetadata?.Arn).toMatch(/^arn:aws:kms:local:000000000000:key\//);
    expect((await statusOf()).endpoint?.url).toBe(endpoint);
    // Other commands use the vault through it meanwhile.
    expect((await home.run(['keys', 'list'])).code).toBe(0);
    if (process.platform === 'linux') {
      expect(portsOf(command.child.pid)).toEqual([Number(new URL(endpoint).port)]);
    }
    command.child.kill('SIGTERM');
    const { code, out, err } = await command.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').length).toBe(2);
    documents.serve.parse(JSON.parse(out));
    expect(await answers(command)).toBe(false);
    expect((await statusOf()).state).toBe('locked');
  });

  it('serves from the process that holds the vault already, for as long as the command runs', async () => {
    const { out } = await home.run(['unlock', ...home.unlocking]);
    const { owner } = documents.unlock.parse(JSON.parse(out));
    expect(portsOf(owner.pid)).toEqual([]);
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const command = await serve();
      expect(await answers(command)).toBe(true);
      if (process.platform === 'linux') {
        expect(portsOf(command.child.pid)).toEqual([]);
        expect(portsOf(owner.pid)).toEqual([Number(new URL(command.facts.endpoint).port)]);
      }
      expect(await failure(['serve'])).toMatchObject({
        exit: 1,
        code: 'AlreadyExistsException',
        message: expect.stringContaining(command.facts.endpoint),
      });
      command.child.kill(signal);
      const { code } = await command.ended;
      expect(code).toBe(signal === 'SIGINT' ? 0 : null);
      await expect.poll(() => answers(command)).toBe(false);
      await expect.poll(async () => (await statusOf()).endpoint).toBeUndefined();
      expect(portsOf(owner.pid)).toEqual([]);
    }
    expect(await statusOf()).toMatchObject({ state: 'unlocked', owner: { pid: owner.pid } });
  });

  it('ends when the vault is locked, and says so', async () => {
    for (const background of [false, true]) {
      if (background) await home.run(['unlock', ...home.unlocking]);
      const command = await serve();
      expect(await answers(command)).toBe(true);
      expect((await home.run(['lock'])).code).toBe(0);
      const { code, err } = await command.ended;
      expect([code, err]).toEqual([3, '']);
      expect(await answers(command)).toBe(false);
    }
  });

  it('takes the port that it is told, and names one that is taken', async () => {
    const first = await serve();
    const port = new URL(first.facts.endpoint).port;
    const other = await CommandHome.make();
    try {
      const { out, code } = await other.run(['serve', '--port', port, ...other.unlocking]);
      expect(code).toBe(1);
      expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({
        code: 'PortInUse',
        message: expect.stringContaining(`127.0.0.1:${port}`),
      });
    } finally {
      other.end();
    }
    first.child.kill('SIGTERM');
    await first.ended;
    const again = await serve(['--port', port]);
    expect(again.facts.endpoint).toBe(first.facts.endpoint);
    expect((await failure(['serve', '--port', '65536'])).code).toBe('Usage');
  });

  it('takes unsigned requests for a throw-away vault only', async () => {
    const open = await serve(['--unsigned-test-mode']);
    const anybody = clientOf(open.facts, { accessKeyId: 'any', secretAccessKey: 'thing' });
    expect((await anybody.send(new ListKeysCommand({}))).Keys?.length).toBe(1);
    const real = CommandHome.prepare();
    try {
      const words = real.initWords.filter((word) => word !== '--throw-away');
      expect((await real.run(words)).code).toBe(0);
      const { code, out } = await real.run(['serve', '--unsigned-test-mode', ...real.unlocking]);
      expect(code).toBe(4);
      expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({
        code: 'UnsupportedOperationException',
        reason: 'unsigned-needs-throw-away',
      });
    } finally {
      real.end();
    }
  });
});

describe('a vault that is not served', () => {
  it('listens nowhere', async () => {
    const { out } = await home.run(['unlock', ...home.unlocking]);
    const { owner } = documents.unlock.parse(JSON.parse(out));
    expect((await statusOf()).endpoint).toBeUndefined();
    expect(portsOf(owner.pid)).toEqual([]);
  });
});
