import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const FRAME = 1 << 20;
const AREA = 4096;
const BODY = 2 * AREA;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

async function encrypted(content: Buffer, aws = false): Promise<string> {
  writeFileSync(vault.path('a'), content);
  await vault.encrypt(vault.path('a'), aws ? { aws: { suite: '0478' } } : {});
  rmSync(vault.path('a'));
  return vault.path('a.keyward');
}

/** The disk can't read these bytes of a file any more. */
function unreadable(path: string, from: number, to: number): void {
  gateBelow(path, ({ op, path: of, offset = 0, length = 0 }) => {
    if (op === 'read' && of === path && offset < to && offset + length > from) throw errno('EIO');
    return undefined;
  });
}

describe('a sector that the disk can not read', () => {
  it.each([
    ['first', 0],
    ['second', AREA],
  ])('in the %s header copy: the other one opens the file, and it is said', async (_which, at) => {
    const content = randomBytes(FRAME + 5);
    const file = await encrypted(content);
    unreadable(file, at, at + 512);
    const result = only(await vault.decrypt(file));
    expect(result).toMatchObject({ status: 'done', notes: [expect.stringContaining('header copies')] });
    expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
    expect((await vault.call('files.inspect', { source: file })).notes).toHaveLength(1);
  });

  it('in both header copies is told as what it is', async () => {
    const file = await encrypted(randomBytes(5));
    unreadable(file, AREA - 512, AREA + 512);
    expect(only(await vault.decrypt(file)).error).toMatchObject({
      code: 'IoFailed',
      details: { path: file },
    });
  });

  it.each([
    ['first', 0, 1],
    ['second', 1, 2],
    ['last', 2, 3],
  ])('in the %s frame: --salvage recovers the others', async (_which, from, to) => {
    const content = randomBytes(2 * FRAME + 5);
    const file = await encrypted(content);
    const at = BODY + from * (FRAME + 32);
    unreadable(file, at + 8, at + 9);
    expect(only(await vault.decrypt(file)).error?.code).toBe('IoFailed');
    const result = only(await vault.decrypt(file, { salvage: true }));
    expect(result.error?.code).toBe('FileDamaged');
    const expected = Buffer.from(content).fill(0, from * FRAME, Math.min(to * FRAME, content.length));
    const got = readFileSync(vault.path('a.salvaged'));
    expect(got.equals(expected.subarray(0, got.length))).toBe(true);
    expect(got.length).toBe(from === 2 ? 2 * FRAME : content.length);
  });
});

describe('--salvage of a file of which nothing is whole', () => {
  it.each([
    ['its one frame is damaged', (bytes: Buffer) => bytes.fill(0, BODY + 30, BODY + 40)],
    ['it was cut in its first frame', (bytes: Buffer) => bytes.subarray(0, BODY + 500)],
    ['its body is missing', (bytes: Buffer) => bytes.subarray(0, BODY)],
  ])('writes nothing, and says so: %s', async (_how, damage) => {
    const file = await encrypted(randomBytes(2_000));
    writeFileSync(file, damage(readFileSync(file)));
    const { error, output } = only(await vault.decrypt(file, { salvage: true }));
    expect([error?.code, output]).toEqual(['FileDamaged', null]);
    expect(error?.message).toMatch(/nothing of its content could be recovered/i);
    expect(vault.list()).toEqual(['a.keyward']);
  });
});

describe('looking for the end of a cut message', () => {
  it('is given up at a cancel', async () => {
    const file = await encrypted(randomBytes(200 * 4096), true);
    truncateSync(file, statSync(file).size - 10_000);
    const controller = new AbortController();
    let looks = 0;
    gateBelow(file, ({ op, length }) => {
      if (op === 'read' && length === 24 && ++looks === 3) controller.abort();
      return undefined;
    });
    const { signal } = controller;
    const result = only(await vault.decrypt(file, { salvage: true }, { signal }));
    expect(result.status).toBe('cancelled');
    expect(looks).toBe(3);
    expect(vault.list()).toEqual(['a.keyward']);
  });
});

describe('looking for files', () => {
  it('is given up at a cancel', async () => {
    for (let i = 0; i < 20; i++) {
      mkdirSync(vault.path('tree', `d${i}`), { recursive: true });
      writeFileSync(vault.path('tree', `d${i}`, 'a'), 'x');
    }
    const controller = new AbortController();
    let lists = 0;
    gateBelow(vault.files, ({ op }) => {
      if (op === 'list' && ++lists === 3) controller.abort();
      return undefined;
    });
    const { signal } = controller;
    const results = await vault.encrypt(vault.path('tree'), { each: true }, { signal });
    expect(lists).toBe(3);
    expect(results.map(({ status }) => status)).toContain('cancelled');
    expect(results.every(({ status }) => status === 'cancelled')).toBe(true);
  });
});

describe('folders that a job makes', () => {
  it('are flushed like the files in them', async () => {
    writeFileSync(vault.path('a'), 'x');
    const flushed = new Set<string>();
    gateBelow(vault.files, ({ op, path }) => {
      if (op === 'syncFolder') flushed.add(path);
      return undefined;
    });
    await vault.encrypt(vault.path('a'), { out: vault.path('new', 'deep', '/') });
    expect(vault.list('new')).toEqual(['deep', 'deep/a.keyward']);
    expect([...flushed].sort()).toEqual([vault.files, vault.path('new'), vault.path('new', 'deep')]);
  });
});
