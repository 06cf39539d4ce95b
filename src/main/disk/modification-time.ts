import { coalesced } from './coalesce.ts';
import { givenFile, runTool, systemTool } from './system-tools.ts';

/** A time of modification for an open file, in nanoseconds since 1970. */
type TimeWish = { readonly descriptor: number; readonly nanoseconds: bigint };

/** Descriptors that are given to a program at a time. */
const MAX = 256;

/** Numbers of the system call utimensat(2); with no name it is futimens(3). */
const UTIMENSAT: { readonly [arch: string]: number } = { x64: 280, arm64: 88 };

/** Lines of descriptor, seconds and nanoseconds. The time of access stays: 0x3ffffffe is UTIME_OMIT. */
const SCRIPT =
  'while (<STDIN>) { my ($f, $s, $n) = split; syscall($ARGV[0] + 0, $f + 0, 0, pack("q4", 0, 0x3ffffffe, $s, $n), 0); }';

/** Sets times by one run of perl; false where there is none. */
export async function byPerl(wishes: readonly TimeWish[]): Promise<boolean> {
  const [perl, call] = [systemTool('perl'), UTIMENSAT[process.arch]];
  if (perl === undefined || call === undefined) return false;
  const lines = wishes.map(({ nanoseconds }, index) => {
    const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
    return `${index + 3} ${(nanoseconds - rest) / SECOND} ${rest}\n`;
  });
  return run(perl, ['-e', SCRIPT, String(call)], wishes, lines);
}

/** Sets times by one run of touch for each, two milliseconds or so; false where there is none. */
export async function byTouch(wishes: readonly TimeWish[]): Promise<boolean> {
  const [sh, touch] = [systemTool('sh'), systemTool('touch')];
  if (sh === undefined || touch === undefined) return false;
  const lines = wishes.map(
    ({ nanoseconds }, index) => `${touch} -c -m -d @${secondsText(nanoseconds)} ${givenFile(index)}\n`,
  );
  return run(sh, ['-s'], wishes, lines);
}

async function run(
  program: string,
  words: readonly string[],
  wishes: readonly TimeWish[],
  lines: readonly string[],
): Promise<boolean> {
  const descriptors = wishes.map(({ descriptor }) => descriptor);
  return (await runTool(program, words, { descriptors, input: lines.join('') })) !== undefined;
}

const set = coalesced(MAX, async (wishes: readonly TimeWish[]): Promise<undefined[]> => {
  if (!(await byPerl(wishes))) await byTouch(wishes);
  return [];
});

/**
 * Sets a file's time of modification to the nanosecond by the system's perl or touch, where there is one: Node passes
 * times as floating-point numbers, cut to microseconds. Many files at the same time share one run. Whether the
 * disk took it is for the caller to look.
 */
export async function setExactTime(descriptor: number, nanoseconds: bigint): Promise<void> {
  await set({ descriptor, nanoseconds });
}

const SECOND = 1_000_000_000n;

/** Nanoseconds since 1970 as seconds with nine decimals, for programs. */
export function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const rest = String(size % SECOND).padStart(9, '0');
  return `${nanoseconds < 0n ? '-' : ''}${size / SECOND}.${rest}`;
}
