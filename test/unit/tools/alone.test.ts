import { execFileSync, spawn } from 'node:child_process';
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
