import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/main/disk/file.ts';
import { checkAwsFile, decryptAwsInto } from '../../../src/main/envelope/aws/decrypt.ts';
import { readAwsHeader } from '../../../src/main/envelope/aws/header.ts';
import { awsBody } from '../../../src/main/envelope/aws/keys.ts';
import { unlockMessage } from '../../../src/main/envelope/aws/unlock.ts';
import { checkFile } from '../../../src/main/envelope/body.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { decryptInto } from '../../../src/main/envelope/files.ts';
import { readHeader } from '../../../src/main/envelope/header-copies.ts';
import { fileSource } from '../../../src/main/envelope/io.ts';
import { nativeBody } from '../../../src/main/envelope/native-body.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import { verifyFile } from '../../../src/main/envelope/salvage-scan.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { numbers } from '../../support/random.ts';
import { encryptAws, OPENER, WRAPPING } from '../envelope/aws-support.ts';
import { mutant, SEED } from '../envelope/mutants.ts';
import { FRAME, headerInput, memorySink, memorySource, pattern } from '../envelope/support.ts';

/** Each mutant starts a process: there are fewer of them. */
const RUNS = Math.ceil(Number(process.env['KEYWARD_FUZZ_RUNS'] ?? 150) / 10);
const TOOL = join(import.meta.dirname, '../../../tools/keyward-decrypt.mjs');

const folder = mkdtempSync(join(tmpdir(), 'keyward-agreement-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** What a reader makes of a file: its plaintext, or that it was refused. */
type Verdict = Buffer | 'refused';

async function verdict(read: () => Promise<Buffer>): Promise<Verdict> {
  try {
    return await read();
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return 'refused';
  }
}

/** Decrypts into a file and gives its bytes. */
async function intoFile(
  work: (target: Awaited<ReturnType<typeof openFile>>) => Promise<unknown>,
): Promise<Buffer> {
  rmSync(at('back'), { force: true });
  const target = await openFile(at('back'), 'create');
  try {
    await work(target);
  } finally {
    await target.close();
  }
  return readFileSync(at('back'));
}

/** Runs the tool without holding up this process. */
async function tool(key: string): Promise<Verdict> {
  rmSync(at('out'), { force: true });
  const child = spawn(process.execPath, [TOOL, '--key', key, '--out', at('out'), at('file')], {
    stdio: 'ignore',
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code === 0) return readFileSync(at('out'));
  expect(code).toBe(5);
  return 'refused';
}

function shown(one: Verdict): string {
  return one === 'refused' ? one : one.toString('base64');
}

describe(`verify, decrypt and the standalone decryptor, seed ${SEED}`, () => {
  it.each([0, FRAME, 3 * FRAME + 5])('agree on mutants of a native file of %i bytes', async (length) => {
    const below = numbers(SEED + length);
    const given = headerInput();
    const sink = memorySink();
    await encryptStream(newHeader(given), memorySource(pattern(length)), sink);
    const key = {
      format: 'keyward data key',
      messageId: given.messageId.toString('hex'),
      dataKey: Buffer.from(given.dataKey).toString('base64'),
    };
    writeFileSync(at('native.json'), JSON.stringify(key));
    for (let run = 0; run < RUNS; run++) {
      writeFileSync(at('file'), run === 0 ? sink.bytes() : mutant(sink.bytes(), below));
      const file = await openFile(at('file'), 'read');
      const opened = async () =>
        nativeBody(openHeader((await readHeader(file)).header, given.dataKey, 'file'));
      const decrypted = await verdict(async () => {
        const checked = await checkFile(file, await opened());
        return intoFile((target) => decryptInto(checked, target));
      });
      const verified = await verdict(async () => {
        await verifyFile(file, await opened());
        return Buffer.from('verified');
      });
      await file.close();
      expect(verified === 'refused', `run ${run}`).toBe(decrypted === 'refused');
      expect(shown(await tool(at('native.json'))), `run ${run}`).toBe(shown(decrypted));
      if (run === 0) expect(shown(decrypted)).toBe(shown(pattern(length)));
    }
  });

  it.each([0x0478, 0x0578] as const)('agree on mutants of AWS messages of suite %i', async (suite) => {
    const below = numbers(SEED + suite);
    const { bytes } = await encryptAws(pattern(3_000), { suite, frameLength: 1024 });
    const { namespace, name } = WRAPPING;
    const key = WRAPPING.key.toString('base64');
    writeFileSync(at('aws.json'), JSON.stringify({ keys: [{ type: 'raw-aes', namespace, name, key }] }));
    for (let run = 0; run < RUNS; run++) {
      writeFileSync(at('file'), run === 0 ? bytes : mutant(bytes, below));
      const file = await openFile(at('file'), 'read');
      const { size } = await file.stat();
      const opened = async () => {
        const { header } = await readAwsHeader(fileSource(file, 0, size));
        return unlockMessage(header, [OPENER], {}, 'file');
      };
      const decrypted = await verdict(async () => {
        const checked = await checkAwsFile(file, await opened());
        return intoFile((target) => decryptAwsInto(checked, target));
      });
      const verified = await verdict(async () => {
        const message = await opened();
        const body = awsBody(message);
        if (body !== undefined && message.header.suite.curve === undefined) await verifyFile(file, body);
        else await decryptAwsInto(await checkAwsFile(file, message), undefined);
        return Buffer.from('verified');
      });
      await file.close();
      expect(verified === 'refused', `run ${run}`).toBe(decrypted === 'refused');
      expect(shown(await tool(at('aws.json'))), `run ${run}`).toBe(shown(decrypted));
      if (run === 0) expect(shown(decrypted)).toBe(shown(pattern(3_000)));
    }
  });
});
