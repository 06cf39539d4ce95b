import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createCipheriv, scryptSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { describe, expect, it } from 'vitest';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { encryptAws, WRAPPING } from '../envelope/aws-support.ts';
import { headerInput, memorySink, memorySource, pattern } from '../envelope/support.ts';
import { decryptAlone, runTool, TOOL } from './support.ts';

const { namespace, name } = WRAPPING;
const ring = { keys: [{ type: 'raw-aes', namespace, name, key: WRAPPING.key.toString('base64') }] };

/** A message of the official client, which orders its context as an English dictionary does unless told otherwise. */
async function officialMessage(
  plaintext: Buffer,
  suiteId: AlgorithmSuiteIdentifier,
  encryptionContext: { readonly [name: string]: string },
): Promise<Buffer> {
  const client = buildClient(
    suiteId < 0x0400
      ? CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
      : CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  );
  const keyring = new RawAesKeyringNode({
    keyNamespace: namespace,
    keyName: name,
    unencryptedMasterKey: Uint8Array.from(WRAPPING.key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: false,
  });
  const { result } = await client.encrypt(keyring, plaintext, {
    suiteId,
    encryptionContext: { ...encryptionContext },
  });
  return result;
}

describe('the decryptor without Keyward', () => {
  it('is one file that imports only what Node has', () => {
    const text = readFileSync(TOOL, 'utf8');
    const imported = [...text.matchAll(/\bfrom '([^']+)'|\b(?:import|require)\(/g)].map(([, from]) => from);
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.every((from) => from?.startsWith('node:'))).toBe(true);
  });

  it('opens suites that do not commit to a key only where the keyring permits it', async () => {
    const suite = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA256;
    const message = await officialMessage(pattern(5_000), suite, {});
    const refused = decryptAlone(message, [ring]);
    expect([refused.code, refused.left]).toEqual([5, []]);
    expect(refused.said).toContain('UnsupportedOperationException');
    const opened = decryptAlone(message, [{ ...ring, allowNonCommitting: true }]);
    expect(opened.plaintext?.equals(pattern(5_000)), opened.said).toBe(true);
  });

  it('opens messages whose context was ordered as in a dictionary', async () => {
    const suite = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
    const message = await officialMessage(pattern(100), suite, { zone: 'z', Purpose: 'p', ä: 'ö', a: 'b' });
    const { plaintext, said } = decryptAlone(message, [ring]);
    expect(plaintext?.equals(pattern(100)), said).toBe(true);
  });

  it.each([0x0478, 0x0578] as const)('refuses what was cut, added to or changed: suite %i', async (suite) => {
    const { bytes } = await encryptAws(pattern(3_000), { suite, frameLength: 1024 });
    const flipped = (at: number) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    const changed = [
      ...[3, 40, 200, 1_000, bytes.length - 1].map((end) => bytes.subarray(0, end)),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.concat([bytes, bytes]),
      ...[5, 60, 300, 1_500, bytes.length - 60, bytes.length - 1].map(flipped),
    ];
    for (const [n, one] of changed.entries()) {
      const { code, left } = decryptAlone(one, [ring]);
      expect([n, code, left]).toEqual([n, 5, []]);
    }
  });

  it('tells which key file is unusable, without a word of what is in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-keys-'));
    try {
      const file = join(folder, 'key.json');
      for (const text of [
        '{"dataKey":"c2VjcmV0"',
        '"c2VjcmV0"',
        'c2VjcmV0',
        'null',
        '[]',
        '{"keys":[null]}',
      ]) {
        writeFileSync(file, text);
        const { code, said } = runTool(['--key', file, TOOL, '--out', join(folder, 'out')]);
        expect([text, code]).toEqual([text, 2]);
        expect(said).toContain(file);
        expect(said).not.toMatch(/c2V|TypeError|Cannot/);
      }
      expect(readdirSync(folder)).toEqual(['key.json']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('goes on where the system gives fewer bytes than it was asked for', async () => {
    const { bytes } = await encryptAws(pattern(50_000), { frameLength: 4_096 });
    const short = `data:text/javascript,${encodeURIComponent(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const whole = fs.readSync;
      fs.readSync = (fd, bytes, at, length, place) => whole(fd, bytes, at, Math.min(length, 700), place);
      syncBuiltinESMExports();`)}`;
    const { plaintext, said } = decryptAlone(bytes, [ring], [], ['--import', short]);
    expect(plaintext?.equals(pattern(50_000)), said).toBe(true);
  });

  /** A preload that has Node's functions of files fail; `change` is code that sees `fs`. */
  const preload = (change: string) =>
    `data:text/javascript,${encodeURIComponent(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const fail = (code) => { throw Object.assign(new Error(code), { code }); };
      ${change}
      syncBuiltinESMExports();`)}`;
  const whole = () => {
    const vectors = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../vectors/native.json'), 'utf8'),
    ) as {
      readonly files: readonly {
        readonly name: string;
        readonly file: string;
        readonly dataKey: string;
        readonly messageId: string;
      }[];
    };
    const vector = vectors.files.find(({ name: of }) => of === 'two frames, context, metadata');
    return {
      file: Buffer.from(vector?.file ?? '', 'base64'),
      key: {
        format: 'keyward data key',
        formatVersion: 1,
        messageId: vector?.messageId,
        dataKey: Buffer.from(vector?.dataKey ?? '', 'hex').toString('base64'),
      },
    };
  };

  it('gets past a first header copy that the disk can not read', () => {
    const { file, key } = whole();
    const broken = preload(`
      const whole = fs.readSync;
      fs.readSync = (fd, bytes, at, length, place) => (place < 512 ? fail('EIO') : whole(fd, bytes, at, length, place));`);
    const { code, plaintext, said } = decryptAlone(file, [key], [], ['--import', broken]);
    expect([code, plaintext?.equals(pattern(8192))], said).toEqual([0, true]);
    expect(said).toContain('first copy of its header is damaged');
    const both = preload(`
      const whole = fs.readSync;
      fs.readSync = (fd, bytes, at, length, place) => (place < 8192 ? fail('EIO') : whole(fd, bytes, at, length, place));`);
    const none = decryptAlone(file, [key], [], ['--import', both]);
    expect([none.code, none.left]).toEqual([1, []]);
    expect(none.said).toContain('EIO');
  });

  it.each(['links', 'no links'])('never takes the place of another file: a disk with %s', (kind) => {
    const { file, key } = whole();
    const links = kind === 'links' ? '' : `fs.linkSync = () => fail('EPERM');`;
    const opened = decryptAlone(file, [key], [], ['--import', preload(links)]);
    expect([opened.code, opened.plaintext?.equals(pattern(8192)), opened.left], opened.said).toEqual([
      0,
      true,
      ['out'],
    ]);
    // Someone takes the name between the first look and the end.
    const late = preload(`${links}
      const sync = fs.fsyncSync;
      fs.fsyncSync = (fd) => { fs.writeFileSync(process.argv.at(-1), 'theirs'); sync(fd); };`);
    const taken = decryptAlone(file, [key], [], ['--import', late]);
    expect([taken.code, taken.plaintext?.toString(), taken.left], taken.said).toEqual([1, 'theirs', ['out']]);
    expect(taken.said).toContain('TargetExists');
    // At the last moment there is no name left to take: whoever takes it exclusively has it.
    const last = preload(`${links}
      const rename = fs.renameSync;
      fs.renameSync = (from, to) => {
        let theirs = true;
        try { fs.writeFileSync(to, 'theirs', { flag: 'wx' }); } catch { theirs = false; }
        rename(from, to);
        if (theirs) console.log('theirs were lost');
      };`);
    const raced = decryptAlone(file, [key], [], ['--import', last]);
    expect([raced.code, raced.plaintext?.equals(pattern(8192))], raced.said).toEqual([0, true]);
    expect(raced.said.includes('theirs were lost')).toBe(false);
  });

  it('helps', () => {
    const { code, said } = runTool(['--help']);
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/^Usage: node keyward-decrypt\.mjs[\s\S]*Exit codes/),
    ]);
    expect(runTool([]).code).toBe(2);
    expect(runTool(['--unknown']).code).toBe(2);
  });

  it('gives to standard output what is verified, and nothing else', () => {
    const { file, key } = whole();
    const folder = mkdtempSync(join(tmpdir(), 'keyward-stdout-'));
    const run = (bytes: Buffer) => {
      writeFileSync(join(folder, 'file'), bytes);
      const words = [TOOL, '--key', join(folder, 'key.json'), '--out', '-', join(folder, 'file')];
      return spawnSync(process.execPath, words);
    };
    try {
      writeFileSync(join(folder, 'key.json'), JSON.stringify(key));
      const { status, stdout, stderr } = run(file);
      expect([status, stdout.equals(pattern(8192)), stderr.toString()]).toEqual([0, true, '']);
      const damaged = Buffer.from(file);
      damaged[damaged.length - 100] = (damaged.at(-100) ?? 0) ^ 1;
      const refused = run(damaged);
      expect([refused.status, refused.stdout.length]).toEqual([5, 0]);
      const first = Buffer.from(file);
      first[9000] = (first[9000] ?? 0) ^ 1;
      expect([run(first).status, run(first).stdout.length]).toEqual([5, 0]);
      expect(readdirSync(folder).sort()).toEqual(['file', 'key.json']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('opens wrapped exports under every spelling of their passphrase', () => {
    const { file, key } = whole();
    const salt = Buffer.alloc(32, 6);
    const cost = { n: 1024, r: 8, p: 1 };
    const wrapped = (passphrase: Buffer) => {
      const wrapping = scryptSync(passphrase, salt, 32, { N: cost.n, r: cost.r, p: cost.p });
      const cipher = createCipheriv('aes-256-gcm', wrapping, Buffer.alloc(12));
      cipher.setAAD(Buffer.from('keyward/1/wrapped-export'));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(key)), cipher.final(), cipher.getAuthTag()]);
      return {
        format: 'keyward wrapped export',
        ...cost,
        salt: salt.toString('base64'),
        sealed: sealed.toString('base64'),
      };
    };
    const folder = mkdtempSync(join(tmpdir(), 'keyward-passphrase-'));
    const opens = (set: Buffer, given: Buffer) => {
      writeFileSync(join(folder, 'passphrase'), given);
      return decryptAlone(file, [wrapped(set)], ['--passphrase-file', join(folder, 'passphrase')]).code;
    };
    try {
      const [nfc, nfd] = [Buffer.from('caf\u00e9'), Buffer.from('cafe\u0301')];
      expect(opens(nfc, nfd)).toBe(0);
      expect(opens(nfd, nfc)).toBe(0);
      expect(opens(nfc, Buffer.concat([Buffer.from('\uFEFF'), nfc, Buffer.from('\r\n')]))).toBe(0);
      expect(opens(nfc, Buffer.from('\uFEFFcaf\u00e9\n', 'utf16le'))).toBe(0);
      const bytes = Buffer.from('ff00fe', 'hex');
      expect(opens(bytes, Buffer.concat([bytes, Buffer.from('\n')]))).toBe(0);
      expect(opens(nfc, Buffer.from('cafe'))).toBe(5);
      const { code, said } = decryptAlone(
        file,
        [{ ...wrapped(nfc), n: 1025 }],
        ['--passphrase-file', join(folder, 'passphrase')],
      );
      expect([code, said]).toEqual([2, expect.stringContaining('out of bounds')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what is no file at once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-pipe-'));
    try {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      writeFileSync(join(folder, 'key.json'), JSON.stringify(ring));
      for (const source of [join(folder, 'pipe'), folder]) {
        const { code, said } = runTool(['--key', join(folder, 'key.json'), source]);
        expect([code, said]).toEqual([2, expect.stringContaining('not a file')]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind when it is stopped by %s, or is told of it the next time',
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'keyward-stopped-'));
      try {
        const given = headerInput();
        const sink = memorySink();
        await encryptStream(
          newHeader({ ...given, frameLength: 1 << 20 }),
          memorySource(pattern(192 << 20)),
          sink,
        );
        writeFileSync(join(folder, 'a.keyward'), sink.bytes());
        const key = {
          format: 'keyward data key',
          messageId: given.messageId.toString('hex'),
          dataKey: Buffer.from(given.dataKey).toString('base64'),
        };
        writeFileSync(join(folder, 'key.json'), JSON.stringify(key));
        const words = [TOOL, '--key', join(folder, 'key.json'), join(folder, 'a.keyward')];
        const tool = spawn(process.execPath, words, { stdio: 'ignore' });
        const ended = new Promise((resolve) => tool.once('close', resolve));
        await expect.poll(() => readdirSync(folder), { interval: 1 }).toHaveLength(3);
        tool.kill(signal);
        expect(await ended).toBe(signal === 'SIGKILL' ? null : 1);
        const left = readdirSync(folder).filter((file) => !['a.keyward', 'key.json'].includes(file));
        if (signal !== 'SIGKILL') return expect(left).toEqual([]);
        // Nothing can be done at that signal; but nobody should have to find out.
        expect(left).toEqual([expect.stringMatching(/^keyward-decrypt-[0-9a-f]{16}\.partial$/)]);
        const { code, said } = runTool(words.slice(1));
        expect(code).toBe(0);
        expect(said).toContain(left[0]);
        expect(readdirSync(folder)).toContain(left[0]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
