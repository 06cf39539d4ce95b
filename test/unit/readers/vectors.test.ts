import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash, scryptSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CheckedFile, readRange } from '../../../src/main/envelope/body.ts';
import type { JobCaller } from '../../../src/main/vault/jobs.ts';
import { decryptBuffered, decryptPipe } from '../../../src/main/vault/pipes.ts';
import type { Reader } from '../../readers/answer.ts';
import { appReader, appServices } from '../../readers/app.ts';
import { PYTHON_READER, pythonReader, whyNoPython } from '../../readers/python.ts';
import { toolReader } from '../../readers/tool.ts';
import {
  type MalformedRow,
  malformedFile,
  type nativeVectors,
  partsOf,
  vectorPlaintext,
} from '../../vectors/generate-native.ts';
import { fileOf } from '../../vectors/native-builder.ts';
import { checkBytes, memorySink, memorySource } from '../envelope/support.ts';

type Vectors = Awaited<ReturnType<typeof nativeVectors>>;

const path = join(import.meta.dirname, '../../vectors/native.json');
const kept = JSON.parse(readFileSync(path, 'utf8')) as Omit<Vectors, 'malformed'> & {
  readonly malformed: readonly MalformedRow[];
};
const { keyId, versionId } = kept.wrapping;
const material = Buffer.from(kept.wrapping.material, 'hex');
const exported = {
  format: 'keyward key material',
  formatVersion: 1,
  keyId,
  versionId,
  material: material.toString('base64'),
};
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const missing = whyNoPython();
const wholeOf = (name: string) => kept.files.find((file) => file.name === name);

function demandOf(reader: Reader): void {
  it.each(kept.files)('opens: $name', async ({ file, plaintextLength }) => {
    const sha256 = digest(vectorPlaintext(plaintextLength));
    expect(await reader.read(Buffer.from(file, 'base64'))).toEqual({ code: null, sha256 });
  });

  it.each(kept.edited)('answers: $name', async (edited) => {
    const whole = wholeOf(edited.of);
    const bytes = Buffer.from(whole?.file ?? '', 'base64');
    const cut = 'cutTo' in edited ? bytes.subarray(0, edited.cutTo) : bytes;
    const file = 'append' in edited ? Buffer.concat([cut, Buffer.from(edited.append, 'hex')]) : cut;
    for (const at of 'flip' in edited ? edited.flip : []) file[at] = (file[at] ?? 0) ^ 1;
    expect((await reader.read(file)).code).toBe(edited.code);
  });

  it.each(kept.malformed)('answers: $class: $name', async (row) => {
    const whole = wholeOf(row.of);
    if (whole === undefined) throw new Error(`there is no vector "${row.of}"`);
    const sha256 = row.code === null ? digest(vectorPlaintext(whole.plaintextLength)) : null;
    const file = malformedFile(row, Buffer.from(whole.file, 'base64'));
    expect(await reader.read(file)).toEqual({ code: row.code, sha256 });
  });
}

describe('the maker of malformed files', () => {
  it.each(kept.files)('makes the whole one too: $name', (vector) => {
    expect(fileOf(partsOf(vector)).equals(Buffer.from(vector.file, 'base64'))).toBe(true);
  });
});

describe('the classes of malformed files', () => {
  it('are those of the table in docs/format.md, and each has its files', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/format.md'), 'utf8');
    const section = page.slice(page.indexOf('\n## 10 '), page.indexOf('\n## 11 '));
    const named = [...section.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/[a-z-]+/g)].map(([name]) => name),
    );
    expect([...new Set(kept.malformed.map((row) => row.class))].sort()).toEqual(named.sort());
  });
});

describe('a package', () => {
  const row = kept.malformed.find((one) => one.class === 'package');
  const bytes = Buffer.from(wholeOf(row?.of ?? '')?.file ?? '', 'base64');
  const file = row === undefined ? bytes : malformedFile(row, bytes);
  const by = {
    caller: {},
    signal: new AbortController().signal,
    progress: () => undefined,
  } as unknown as JobCaller;

  it.each([decryptPipe, decryptBuffered])('gives nothing to a pipe: %o', async (decrypt) => {
    const home = mkdtempSync(join(tmpdir(), 'keyward-package-'));
    mkdirSync(join(home, 'run'));
    try {
      const sink = memorySink();
      const refused = decrypt(appServices({ keyId, versionId, material }, home), by, {
        source: memorySource(file),
        sink,
      });
      await expect(refused).rejects.toMatchObject({ code: 'NewerFormat' });
      expect(sink.bytes()).toHaveLength(0);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe('a file without a slot that anyone here opens', () => {
  const rows = kept.malformed.filter((row) => ['no-slot', 'no-key', 'commitment'].includes(row.class));

  it.each(rows.filter((row) => !row.name.startsWith('another commitment')))(
    'opens with its data key itself: $name',
    async (row) => {
      const whole = wholeOf(row.of);
      if (whole === undefined) throw new Error(`there is no vector "${row.of}"`);
      const file = malformedFile(row, Buffer.from(whole.file, 'base64'));
      const dataKey = Buffer.from(whole.dataKey, 'hex').toString('base64');
      const own = { format: 'keyward data key', formatVersion: 1, messageId: whole.messageId, dataKey };
      const readers = [await toolReader([own]), ...(missing === undefined ? [pythonReader([own])] : [])];
      for (const reader of readers) {
        const sha256 = digest(vectorPlaintext(whole.plaintextLength));
        expect(await reader.read(file), reader.name).toEqual({ code: null, sha256 });
        await reader.end?.();
      }
    },
  );
});

describe('a frame that is not what the plan has there', () => {
  it.each(kept.malformed.filter((row) => row.class === 'frame'))(
    'is damage to ranges too: $name',
    async (row) => {
      const whole = wholeOf(row.of);
      const bytes = malformedFile(row, Buffer.from(whole?.file ?? '', 'base64'));
      const checked = await checkBytes(bytes, Buffer.from(whole?.dataKey ?? '', 'hex')).catch(
        (error: unknown) => error,
      );
      const read =
        checked instanceof Error
          ? Promise.reject(checked)
          : readRange(checked as CheckedFile, 0, 8192, memorySink());
      await expect(read).rejects.toMatchObject({ code: 'FileDamaged' });
    },
  );
});

describe('the app', () => demandOf(appReader({ keyId, versionId, material })));

const tool = await toolReader([exported]);
describe('the standalone decryptor', () => demandOf(tool));

describe('the reader in Python', () => {
  if (missing !== undefined) {
    it('is asked the same', ({ skip }) => skip(missing));
    return;
  }
  it('opens a wrapped export, whatever spelling of its passphrase it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-python-wrapped-'));
    try {
      const salt = Buffer.alloc(32, 6);
      const cost = { n: 1024, r: 8, p: 1 };
      const key = scryptSync(Buffer.from('caf\u00e9'), salt, 32, { N: cost.n, r: cost.r, p: cost.p });
      const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
      cipher.setAAD(Buffer.from('keyward/1/wrapped-export'));
      const sealed = Buffer.concat([
        cipher.update(JSON.stringify(exported)),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      const wrapped = {
        format: 'keyward wrapped export',
        ...cost,
        salt: salt.toString('base64'),
        sealed: sealed.toString('base64'),
      };
      const vector = kept.files[0];
      writeFileSync(join(folder, 'key.json'), JSON.stringify(wrapped));
      writeFileSync(join(folder, 'file'), Buffer.from(vector?.file ?? '', 'base64'));
      const open = (given: string, encoding: BufferEncoding = 'utf8') => {
        writeFileSync(join(folder, 'passphrase'), given, encoding);
        const words = ['--key', join(folder, 'key.json'), '--passphrase-file', join(folder, 'passphrase')];
        return spawnSync('python3', [PYTHON_READER, ...words, join(folder, 'file')]);
      };
      for (const given of ['caf\u00e9', 'cafe\u0301\r\n', '\uFEFFcaf\u00e9\n']) {
        const { status, stdout, stderr } = open(given);
        expect(
          [status, stdout.equals(vectorPlaintext(vector?.plaintextLength ?? 0))],
          String(stderr),
        ).toEqual([0, true]);
      }
      expect(open('\uFEFFcaf\u00e9\n', 'utf16le').status).toBe(0);
      expect(open('cafe').status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const python = pythonReader([exported]);
  afterAll(() => python.end?.());
  demandOf(python);
});
