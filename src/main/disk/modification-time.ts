import { coalesced } from './coalesce.ts';
import { type AnsweringTool, answeringTool, givenFile, runTool, systemTool } from './system-tools.ts';

/** A time of modification for an open file, in nanoseconds since 1970. */
type TimeWish = { readonly descriptor: number; readonly nanoseconds: bigint };

/** Files that are given to a program at a time. */
const MAX = 256;

/** Numbers of the system call utimensat(2); with no name it is futimens(3). */
const UTIMENSAT: { readonly [arch: string]: number } = { x64: 280, arm64: 88 };

/**
 * Lines of descriptor, seconds and nanoseconds, each answered with 1 if that was done. A descriptor of this process is
 * found as proc_pid_fd(5) has it. -100 is AT_FDCWD; the time of access stays: 0x3ffffffe is UTIME_OMIT.
 */
const SCRIPT =
  '$| = 1; while (<STDIN>) { my ($f, $s, $n) = split; my $p = "/proc/$ARGV[1]/fd/$f"; ' +
  'print((syscall($ARGV[0] + 0, -100, $p, pack("q4", 0, 0x3ffffffe, $s, $n), 0) == 0 ? 1 : 0) . "\\n"); }';

let perl: AnsweringTool | undefined;

/** Sets times by a perl that runs for as long as there are any to set; false where there is none, or it can't. */
export async function byPerl(wishes: readonly TimeWish[]): Promise<boolean> {
  const [program, call] = [systemTool('perl'), UTIMENSAT[process.arch]];
  if (program === undefined || call === undefined) return false;
  const lines = wishes.map(({ descriptor, nanoseconds }) => {
    const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
    return `${descriptor} ${(nanoseconds - rest) / SECOND} ${rest}`;
  });
  const start = () => answeringTool(program, ['-e', SCRIPT, String(call), String(process.pid)]);
  perl ??= start();
  let answers = await perl.ask(lines);
  if (answers === undefined) {
    // It has ended, as it does when nothing was asked of it for a while.
    perl = start();
    answers = await perl.ask(lines);
  }
  return answers?.every((answer) => answer === '1') === true;
}

/** Sets times by one run of touch for each, two milliseconds or so; false where there is none. */
export async function byTouch(wishes: readonly TimeWish[]): Promise<boolean> {
  const [sh, touch] = [systemTool('sh'), systemTool('touch')];
  if (sh === undefined || touch === undefined) return false;
  const descriptors = wishes.map(({ descriptor }) => descriptor);
  const lines = wishes.map(
    ({ nanoseconds }, index) => `${touch} -c -m -d @${secondsText(nanoseconds)} ${givenFile(index)}\n`,
  );
  return (await runTool(sh, ['-s'], { descriptors, input: lines.join('') })) !== undefined;
}

const set = coalesced(MAX, async (wishes: readonly TimeWish[]): Promise<boolean[]> => {
  const isSet = (await byPerl(wishes)) || (await byTouch(wishes));
  return wishes.map(() => isSet);
});

/**
 * Sets a file's time of modification to the nanosecond by the system's perl or touch: Node passes times as
 * floating-point numbers, cut to microseconds. False where there is neither. Whether the disk took it is for the caller
 * to look.
 */
export function setExactTime(descriptor: number, nanoseconds: bigint): Promise<boolean> {
  return set({ descriptor, nanoseconds });
}

const SECOND = 1_000_000_000n;

/** Nanoseconds since 1970 as seconds with nine decimals, for programs. */
export function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const rest = String(size % SECOND).padStart(9, '0');
  return `${nanoseconds < 0n ? '-' : ''}${size / SECOND}.${rest}`;
}
