import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { PipeOutput } from '../../../src/cli/pipe-output.ts';
import { columns, cutTo, momentText, padTo, widthOf } from '../../../src/cli/text/columns.ts';
import { ProgressBar } from '../../../src/cli/text/progress-bar.ts';
import { shellWord } from '../../../src/cli/text/shell-word.ts';
import { styleFor } from '../../../src/cli/text/style.ts';

describe('a word of a shell', () => {
  it('is a path that is quoted where it must be, and safe to show', () => {
    expect(shellWord('/tmp/kw-1.2/vault')).toBe('/tmp/kw-1.2/vault');
    expect(shellWord("/tmp/it's mine")).toBe("'/tmp/it'\\''s mine'");
    expect(shellWord('/tmp/a\u001bb')).toBe("'/tmp/a\\x1bb'");
  });
});

describe('the output of a pipe', () => {
  async function given(isTTY: boolean, ...chunks: Buffer[]) {
    const through = new PassThrough();
    const stdout = Object.assign(through, { isTTY }) as unknown as NodeJS.WriteStream;
    const output = new PipeOutput(stdout, () => undefined);
    for (const chunk of chunks) output.write(chunk);
    output.end();
    await finished(output).catch(() => undefined);
    return { shown: through.read() as Buffer | null, refused: output.refusal?.code };
  }

  it.each([
    ['an escape sequence', [Buffer.from('a\u001b[2J')], null],
    ['a bell', [Buffer.from('\u0007')], null],
    ['a control character of two bytes', [Buffer.from('\u009b31m')], null],
    ['the same in two pieces', [Buffer.from([0x61, 0xc2]), Buffer.from([0x9b])], Buffer.from([0x61, 0xc2])],
  ])('keeps %s from a terminal, and from nothing else', async (_, chunks, shown) => {
    expect(await given(true, ...chunks)).toEqual({ shown, refused: 'Usage' });
    expect(await given(false, ...chunks)).toEqual({ shown: Buffer.concat(chunks), refused: undefined });
  });

  it('gives text to a terminal', async () => {
    const text = Buffer.from('Dear\tdiary,\r\nÜber 文件 👩‍💻 Â\n');
    expect(await given(true, text)).toEqual({ shown: text, refused: undefined });
  });
});

describe('measures', () => {
  it('tells moments in the own time zone, and leaves what is none', () => {
    const date = new Date(2026, 10, 3, 4, 5, 6);
    expect(momentText(date.toISOString())).toBe('2026-11-03 04:05:06');
    expect(momentText('soon')).toBe('soon');
  });

  it('knows what takes two columns and what takes none', () => {
    expect(['abc', '文件', '👩‍💻', 'e\u0301', '\u001b[2mab\u001b[22m'].map(widthOf)).toEqual([3, 4, 2, 1, 2]);
    expect(padTo('文', 4)).toBe('文  ');
    expect(padTo('7', 3, 'left')).toBe('  7');
    expect(cutTo('/home/ada/Contract.pdf', 13)).toBe('…Contract.pdf');
  });

  it('aligns columns, and a long one does not push the others away', () => {
    expect(
      columns([
        ['a', '1', 'x'],
        ['文件', '22', 'y'],
        ['long'.repeat(20), '3', ''],
      ]),
    ).toEqual(['a     1   x', '文件  22  y', `${'long'.repeat(20)}  3`]);
  });
});

describe('style', () => {
  it('colours only a terminal, never against NO_COLOR, and not a dumb one', () => {
    expect(styleFor({ isTTY: true }, {}).bad('x')).toBe('\u001b[31mx\u001b[39m');
    expect(styleFor({ isTTY: true }, { NO_COLOR: '' }).bad('x')).not.toBe('x');
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' }).bad('x')).toBe('x');
    expect(styleFor({ isTTY: true }, { TERM: 'dumb' }).bad('x')).toBe('x');
    expect(styleFor({}, {}).bad('x')).toBe('x');
  });
});

describe('progress bar', () => {
  const GB = 1_000_000_000;
  function drawn(
    steps: readonly [at: number, done: number][],
    total: number | null,
    columnsWide = 80,
  ): string[] {
    let now = 0;
    const lines: string[] = [];
    const screen = { write: (text: string) => lines.push(text), columns: columnsWide };
    const bar = new ProgressBar(screen, styleFor({}, {}), () => now);
    for (const [at, done] of steps) {
      now = at;
      bar.update({ done, total, file: 1, files: 3, source: '/x/evil\u001b[2J.bin' });
    }
    bar.end();
    return lines;
  }

  it('redraws at most ten times a second and says nothing of short work', () => {
    const steps = Array.from({ length: 1_000 }, (_, i): [number, number] => [i, i * 1000]);
    const lines = drawn(steps, GB);
    expect(lines.length).toBeLessThanOrEqual(8 + 1);
    expect(lines.length).toBeGreaterThan(5);
    expect(
      drawn(
        [
          [0, 0],
          [200, GB],
        ],
        GB,
      ),
    ).toEqual([]);
  });

  it('never sits at 0 % or 100 % while working: pitfall 49', () => {
    const lines = drawn(
      [
        [400, 0],
        [600, 1],
        [2_000, GB],
      ],
      GB,
    );
    expect(lines[0]).not.toMatch(/[█░%]/);
    expect(lines[1]).toContain('░'.repeat(20));
    expect(lines[2]).toContain(`${'█'.repeat(19)}░`);
    expect(lines.join('')).not.toContain('%');
  });

  it('tells bytes, speed and time left once it knows them, and a name that is safe to show', () => {
    const lines = drawn(
      [
        [0, 0],
        [1_000, 0.1 * GB],
        [2_000, 0.2 * GB],
      ],
      GB,
    );
    expect(lines.at(-2)).toContain('200 MB of 1 GB');
    expect(lines.at(-2)).toContain('100 MB/s');
    expect(lines.at(-2)).toContain('8 s left');
    expect(lines.at(-2)).toContain('1 of 3');
    expect(lines.join('').replaceAll('\r\u001b[K', '')).not.toContain('\u001b');
    expect(lines.at(-2)).toContain('[2J.bin');
  });

  it('fits the terminal and is wiped away at the end', () => {
    for (const width of [20, 40, 79, 120]) {
      const lines = drawn(
        [
          [400, 5],
          [1_000, 600_000],
        ],
        GB,
        width,
      );
      for (const line of lines)
        expect(widthOf(line.replace('\r\u001b[K', ''))).toBeLessThan(Math.max(width, 21));
      expect(lines.at(-1)).toBe('\r\u001b[K');
    }
  });

  it('shows no bar where the whole is not known', () => {
    expect(drawn([[1_000, 12_000]], null)[0]).not.toMatch(/[█░]/);
  });
});
