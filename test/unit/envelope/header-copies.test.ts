import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/main/crypto/bytes.ts';
import { type DiskStep, setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { type OpenFile, openFile } from '../../../src/main/disk/file.ts';
import { newHeader, rebuildHeader } from '../../../src/main/envelope/compose.ts';
import { parseArea } from '../../../src/main/envelope/header.ts';
import {
  chooseHeader,
  copiesNotice,
  findHeader,
  readHeader,
} from '../../../src/main/envelope/header-copies.ts';
import { replaceHeader, rewriteOrder } from '../../../src/main/envelope/rewrite.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import {
  AREA,
  decryptBytes,
  encryptBytes,
  fixChecksum,
  headerInput,
  localSlot,
  memoryFile,
  pattern,
} from './support.ts';

async function madeFile(areaLength = AREA) {
  const { file, dataKey } = await encryptBytes(pattern(5000), { areaLength });
  const header = parseArea(Buffer.from(file.subarray(0, areaLength)), 'x');
  const next = rebuildHeader(header, dataKey, [localSlot(60)], 'x');
  const withCopies = (one: Buffer, two: Buffer) => Buffer.concat([one, two, file.subarray(2 * areaLength)]);
  return { file, dataKey, header, next, withCopies };
}

const torn = (area: Buffer) => Buffer.concat([area.subarray(0, 512), Buffer.alloc(area.length - 512)]);

describe('the two header copies', () => {
  it('use the higher generation, whichever copy has it, and report the other', async () => {
    const { header, next, withCopies } = await madeFile();
    const both = chooseHeader(withCopies(next.area, next.area), 'x');
    expect(both).toMatchObject({ used: 0, copies: ['good', 'good'], fellBack: false });
    expect(copiesNotice(both, 'x')).toBe(undefined);
    const first = chooseHeader(withCopies(next.area, header.area), 'x');
    expect(first).toMatchObject({ used: 0, copies: ['good', 'older'], fellBack: true });
    const second = chooseHeader(withCopies(header.area, next.area), 'x');
    expect(second).toMatchObject({ used: 1, copies: ['older', 'good'], fellBack: true });
    expect(second.header.generation).toBe(2);
    expect(copiesNotice(second, 'x')).toContain('interrupted');
  });

  it.each([1, 2, 16])('find the second of %i pages when the first says nothing', async (pages) => {
    const { file, header } = await madeFile(pages * AREA);
    for (const spoil of [0, 9, 16, 18, 19, 30, pages * AREA - 1]) {
      const bytes = Buffer.from(file);
      bytes[spoil] = (bytes[spoil] ?? 0) ^ 0x10;
      const state = await readHeader(memoryFile(bytes));
      expect(state).toMatchObject({ used: 1, copies: ['damaged', 'good'], fellBack: true });
      expect(state.header.area.equals(header.area)).toBe(true);
    }
  });

  it('say damaged only when both are', async () => {
    const { header, withCopies } = await madeFile();
    const code = (bytes: Buffer) => {
      try {
        return chooseHeader(bytes, 'x').copies.join();
      } catch (error) {
        return isKeywardError(error) ? error.code : 'another error';
      }
    };
    expect(code(withCopies(torn(header.area), torn(header.area)))).toBe('FileDamaged');
    expect(code(withCopies(header.area, torn(header.area)))).toBe('good,damaged');
    expect(code(withCopies(Buffer.alloc(AREA), Buffer.alloc(AREA)))).toBe('NotKeywardFile');
    expect(code(Buffer.from('KEYW'))).toBe('FileTruncated');
    expect(code(Buffer.from('%PDF-1.7 and more'))).toBe('NotKeywardFile');
    expect(code(randomBytes(200_000))).toBe('NotKeywardFile');
    expect(code(Buffer.alloc(0))).toBe('NotKeywardFile');
  });

  it('are reported when they differ at one generation', async () => {
    const { header, withCopies } = await madeFile();
    const other = Buffer.from(header.area);
    other[header.immutable.length] = (other[header.immutable.length] ?? 0) ^ 1;
    const state = chooseHeader(withCopies(header.area, fixChecksum(other)), 'x');
    expect(state).toMatchObject({ used: 0, copies: ['good', 'different'], fellBack: true });
    expect(copiesNotice(state, 'x')).toContain('differ');
  });

  it('require the HMAC of the highest generation and do not fall back from it', async () => {
    const { header, dataKey, withCopies } = await madeFile();
    const forged = Buffer.from(header.area);
    forged.writeUInt8(99, header.immutable.length + 32 + 7);
    const bytes = withCopies(header.area, fixChecksum(forged));
    await expect(decryptBytes(bytes, dataKey)).rejects.toMatchObject({ code: 'FileDamaged' });
  });

  it('cost at most 128 KiB of reading, and 8 KiB usually (pitfall 44)', async () => {
    const asked: number[] = [];
    const from = (bytes: Buffer) => async (length: number) => {
      asked.push(length);
      return Buffer.from(bytes.subarray(0, length));
    };
    const { file } = await madeFile();
    await findHeader(from(file), 'x');
    expect(asked).toEqual([8192]);
    await findHeader(from(randomBytes(1 << 20)), 'x').catch(() => {});
    expect(asked).toEqual([8192, 8192, 131_072]);
  });
});

describe('replaceHeader', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-rewrite-'));
    path = join(folder, 'a.keyward');
  });
  afterEach(() => {
    setFaultHook(undefined);
    rmSync(folder, { recursive: true });
  });

  const replacing = async (
    next: Parameters<typeof replaceHeader>[2],
    before?: (file: OpenFile) => Promise<void>,
  ) => {
    const file = await openFile(path, 'update');
    try {
      const state = await readHeader(file);
      await before?.(file);
      await replaceHeader(file, state, next);
    } finally {
      await file.close();
    }
  };

  it('leaves the same new generation in both copies, and no removed slot', async () => {
    const { file, next, dataKey } = await madeFile();
    writeFileSync(path, file);
    const steps: string[] = [];
    setFaultHook((step) => {
      if (['write', 'sync', 'read'].includes(step.op)) steps.push(`${step.op}${step.offset ?? ''}`);
      return undefined;
    });
    await replacing(next);
    setFaultHook(undefined);
    expect(steps.slice(-6)).toEqual(['write0', 'sync', 'read0', 'write4096', 'sync', 'read4096']);
    const bytes = readFileSync(path);
    expect((await readHeader(memoryFile(bytes))).copies).toEqual(['good', 'good']);
    expect(bytes.includes(localSlot().wrapped)).toBe(false);
    expect((await decryptBytes(bytes, dataKey)).plaintext.equals(pattern(5000))).toBe(true);
  });

  it('can be cut off anywhere, from any state of the copies, and the file still opens', async () => {
    const { header, next, dataKey, withCopies } = await madeFile();
    const third = rebuildHeader(next, dataKey, [localSlot(90)], 'x');
    const starts = [
      withCopies(next.area, next.area),
      withCopies(next.area, header.area),
      withCopies(header.area, next.area),
      withCopies(next.area, torn(next.area)),
      withCopies(torn(next.area), next.area),
    ];
    for (const start of starts) {
      for (let stopAt = 0; ; stopAt++) {
        for (const atMost of [1, 512, 2048]) {
          writeFileSync(path, start);
          let count = 0;
          setFaultHook((step: DiskStep) => {
            if (step.op !== 'write' && step.op !== 'sync') return undefined;
            if (count++ < stopAt) return undefined;
            if (count > stopAt + 1) throw Object.assign(new Error('gone'), { code: 'EIO' });
            return { atMost };
          });
          await replacing(third).catch((error: unknown) =>
            expect(isKeywardError(error, 'IoFailed')).toBe(true),
          );
          setFaultHook(undefined);
          const { plaintext, state } = await decryptBytes(readFileSync(path), dataKey);
          expect(plaintext.equals(pattern(5000))).toBe(true);
          expect([2, 3]).toContain(state.header.generation);
          await replacing(state.header);
          expect((await readHeader(memoryFile(readFileSync(path)))).fellBack).toBe(false);
        }
        if (stopAt > 4) break;
      }
    }
  });

  it('refuses when another writer came first', async () => {
    const { file, header, next } = await madeFile();
    writeFileSync(path, file);
    await expect(
      replacing(next, async (open) => open.write(Buffer.concat([next.area, next.area]), 0)),
    ).rejects.toMatchObject({ code: 'GenerationConflict' });
    expect(readFileSync(path).includes(header.mac)).toBe(false);
  });

  it('touches the copy first that nobody relies on', () => {
    const state = {
      header: newHeader(headerInput()).header,
      fellBack: true,
      copies: ['good', 'damaged'] as const,
    };
    expect(rewriteOrder({ ...state, used: 0 })).toEqual([1, 0]);
    expect(rewriteOrder({ ...state, used: 1 })).toEqual([0, 1]);
    expect(rewriteOrder({ ...state, used: 0, fellBack: false })).toEqual([0, 1]);
  });
});
