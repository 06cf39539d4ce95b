import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JobCaller } from '../../../src/main/vault/jobs.ts';
import { decryptBuffered, decryptPipe } from '../../../src/main/vault/pipes.ts';
import type { Reader } from '../../readers/answer.ts';
import { appReader, appServices } from '../../readers/app.ts';
import { pythonReader, whyNoPython } from '../../readers/python.ts';
import { toolReader } from '../../readers/tool.ts';
import {
  type MalformedRow,
  malformedFile,
  type nativeVectors,
  partsOf,
  vectorPlaintext,
} from '../../vectors/generate-native.ts';
import { fileOf } from '../../vectors/native-builder.ts';
import { memorySink, memorySource } from '../envelope/support.ts';

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

describe('the app', () => demandOf(appReader({ keyId, versionId, material })));

const tool = await toolReader([exported]);
describe('the standalone decryptor', () => demandOf(tool));

const missing = whyNoPython();
describe('the reader in Python', () => {
  if (missing !== undefined) {
    it('is asked the same', ({ skip }) => skip(missing));
    return;
  }
  const python = pythonReader([exported]);
  afterAll(() => python.end?.());
  demandOf(python);
});
