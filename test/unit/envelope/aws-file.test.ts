import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/main/crypto/bytes.ts';
import { type OpenFile, openFile } from '../../../src/main/disk/file.ts';
import { composeMessage, draftMessage } from '../../../src/main/envelope/aws/compose.ts';
import { checkAwsFile, decryptAwsFile, decryptAwsInto } from '../../../src/main/envelope/aws/decrypt.ts';
import { encryptAwsInto } from '../../../src/main/envelope/aws/encrypt.ts';
import { wrapRawAes } from '../../../src/main/envelope/aws/raw-aes.ts';
import { WORTH_THREADS } from '../../../src/main/envelope/engine/run.ts';
import { encryptAws, openAws, WRAPPING } from './aws-support.ts';
import { memoryFile, memorySink, pattern } from './support.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyward-aws-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function opened<T>(
  name: string,
  how: 'read' | 'create',
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await openFile(join(folder, name), how);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

describe('AWS messages in files', () => {
  const FRAME = 1 << 20;
  it.each([
    [0x0478, WORTH_THREADS],
    [0x0478, WORTH_THREADS + 5],
    [0x0578, WORTH_THREADS + 5],
    [0x0578, 3],
    [0x0478, 0],
  ] as const)('suite %i, %i bytes: written, read back into a file and to a pipe', async (suite, length) => {
    const name = `${suite}-${length}`;
    const plaintext = pattern(length);
    await writeFile(join(folder, name), plaintext);
    const draft = draftMessage({ purpose: 'test' }, suite);
    const dataKey = randomBytes(32);
    const edk = wrapRawAes(WRAPPING, dataKey, draft.context);
    const made = composeMessage(draft, dataKey, [edk], FRAME);
    const result = await opened(name, 'read', (source) =>
      opened(`${name}.aws`, 'create', (target) => encryptAwsInto(made, source, length, target)),
    );
    const bytes = await readFile(join(folder, `${name}.aws`));
    expect(result).toEqual({ plaintextLength: length, fileLength: bytes.length });

    const { message } = await openAws(bytes);
    await opened(`${name}.aws`, 'read', async (file) => {
      const checked = await checkAwsFile(file, message);
      expect(await decryptAwsInto(checked, undefined)).toBe(length);
      await opened(`${name}.out`, 'create', (target) => decryptAwsInto(checked, target));
      expect((await readFile(join(folder, `${name}.out`))).equals(plaintext)).toBe(true);
      const sink = memorySink();
      await decryptAwsFile(await checkAwsFile(file, message, {}, 1000), sink);
      expect(sink.bytes().equals(plaintext)).toBe(true);
    });
  });
});

describe('a source of more frames than are counted', () => {
  it('is refused with what to do, and nothing is written', async () => {
    await writeFile(join(folder, 'huge'), '');
    const length = 2 ** 32 * 4096;
    const draft = draftMessage({});
    const dataKey = randomBytes(32);
    const message = composeMessage(draft, dataKey, [wrapRawAes(WRAPPING, dataKey, draft.context)]);
    const work = opened('huge', 'read', (source) =>
      opened('huge.aws', 'create', (target) => encryptAwsInto(message, source, length, target)),
    );
    await expect(work).rejects.toMatchObject({
      code: 'ValidationException',
      details: { path: join(folder, 'huge') },
      params: { mostFrames: 4_294_967_295 },
    });
    expect(await readFile(join(folder, 'huge.aws'))).toHaveLength(0);
  });
});

describe('a message with frames too long for memory', () => {
  it('that was cut is found at once', async () => {
    const { bytes } = await encryptAws(pattern(10_000), { frameLength: 4_096 });
    const { message } = await openAws(bytes);
    const check = (end: number) => checkAwsFile(memoryFile(bytes.subarray(0, end)), message, {}, 1_000);
    expect(await check(bytes.length)).toMatchObject({ way: 'pieces', plaintextLength: 10_000 });
    for (const end of [bytes.length - 1, bytes.length - 50, bytes.length - 1_848, bytes.length - 4_000]) {
      await expect(check(end)).rejects.toMatchObject({
        code: expect.stringMatching(/FileDamaged|FileTruncated/),
      });
    }
  });
});
