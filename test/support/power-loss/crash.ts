import type { Random } from '../random.ts';
import { foldersOf, type NameChange, type Operation, type Recording } from './recording.ts';

/** What a power loss may do to what was not flushed yet; the order of surviving writes is always kept per byte. */
export const DATA_FATES = ['lost', 'kept', 'cut short', 'reordered', 'torn at 512', 'torn at 4096'] as const;
export const NAME_FATES = ['lost', 'kept', 'cut short', 'reordered'] as const;

/** One power loss: when, and what becomes of unflushed data and names. */
export type Crash = {
  /** Nothing that ended later than this was begun. */
  readonly at: number;
  readonly data: (typeof DATA_FATES)[number];
  readonly names: (typeof NAME_FATES)[number];
};

/** What stands on the disk afterwards: folders are `undefined`. */
export type DiskState = ReadonlyMap<string, Buffer | undefined>;

/** A crash at a random moment; moments between flushes count as much as flushes. */
export function randomCrash(recording: Recording, random: Random): Crash {
  const moments = recording.operations.map(({ at }) => at);
  return {
    at: pick([0, ...moments], random),
    data: pick(DATA_FATES, random),
    names: pick(NAME_FATES, random),
  };
}

/**
 * The disk after a power loss. Data is safe once a flush of its file has begun after it and ended before the
 * crash; a name once a flush of its folder has. Flushing a file does not save its name.
 */
export function stateAfter(recording: Recording, crash: Crash, random: Random): DiskState {
  const done = recording.operations.filter(({ at }) => at <= crash.at);
  const names = namesAfter(recording, done, crash, random);
  const state = new Map<string, Buffer | undefined>();
  for (const [path, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = recording.contents.get(file);
    state.set(path, content === undefined ? undefined : contentAfter(content, file, done, crash, random));
  }
  return withFolders(state, recording.root);
}

function namesAfter(
  recording: Recording,
  done: readonly Operation[],
  { names: fate }: Crash,
  random: Random,
): Map<string, number> {
  const changes = done.filter((operation) => operation.kind === 'names');
  const pending = changes.filter(
    (change) =>
      !foldersOf(change.changes).every((folder) =>
        flushed(done, recording.before.get(folder) ?? madeAs(done, folder), change.at),
      ),
  );
  const surviving = new Set(choose(pending, fate, random));
  // A name's later change can't survive an earlier one that is lost.
  const lost = new Set<string>();
  const result = new Map(recording.before);
  for (const change of changes) {
    const paths = change.changes.map(({ path }) => path);
    const survives =
      !pending.includes(change) || (surviving.has(change) && !paths.some((path) => lost.has(path)));
    if (survives) apply(result, change.changes);
    else for (const path of paths) lost.add(path);
  }
  return result;
}

/** The number of a folder that was made during the run. */
function madeAs(done: readonly Operation[], folder: string): number | undefined {
  for (const operation of done) {
    if (operation.kind !== 'names') continue;
    const change = operation.changes.find(({ path, file }) => path === folder && file !== undefined);
    if (change !== undefined) return change.file;
  }
  return undefined;
}

function apply(names: Map<string, number>, changes: readonly NameChange[]): void {
  for (const { path, file } of changes) {
    if (file === undefined) names.delete(path);
    else names.set(path, file);
  }
}

function contentAfter(
  before: Buffer,
  file: number,
  done: readonly Operation[],
  { data: fate }: Crash,
  random: Random,
): Buffer {
  const writes = done.filter((operation) => operation.kind === 'write' || operation.kind === 'resize');
  const own = writes.filter((operation) => operation.file === file);
  const pending = own.filter((operation) => !flushed(done, file, operation.at));
  const torn = fate === 'torn at 512' ? 512 : fate === 'torn at 4096' ? 4_096 : undefined;
  const surviving = new Set(choose(pending, torn === undefined ? fate : 'kept', random));
  let content = Buffer.from(before);
  for (const operation of own) {
    const safe = !pending.includes(operation);
    if (!safe && !surviving.has(operation)) continue;
    if (operation.kind === 'resize') content = resized(content, operation.size);
    else if (safe || torn === undefined) content = written(content, operation.offset, operation.data);
    else {
      for (const [offset, part] of sectors(operation.offset, operation.data, torn)) {
        if (random() < 0.5) content = written(content, offset, part);
      }
    }
  }
  return content;
}

function flushed(done: readonly Operation[], file: number | undefined, at: number): boolean {
  return done.some((flush) => flush.kind === 'flush' && flush.file === file && flush.began > at);
}

function choose<T>(pending: readonly T[], fate: Crash['data'], random: Random): readonly T[] {
  switch (fate) {
    case 'lost':
      return [];
    case 'cut short':
      return pending.slice(0, Math.floor(random() * (pending.length + 1)));
    case 'reordered':
      return pending.filter(() => random() < 0.5);
    default:
      return pending;
  }
}

function resized(content: Buffer, size: number): Buffer<ArrayBuffer> {
  if (size <= content.length) return Buffer.from(content.subarray(0, size));
  return Buffer.concat([content, Buffer.alloc(size - content.length)]);
}

function written(content: Buffer<ArrayBuffer>, offset: number, data: Buffer): Buffer<ArrayBuffer> {
  const result = offset + data.length > content.length ? resized(content, offset + data.length) : content;
  data.copy(result, offset);
  return result;
}

/** The parts of a write that lie in different sectors of the disk. */
function* sectors(offset: number, data: Buffer, size: number): Generator<[number, Buffer]> {
  for (let at = 0; at < data.length; ) {
    const end = Math.min(data.length, at + size - ((offset + at) % size));
    yield [offset + at, data.subarray(at, end)];
    at = end;
  }
}

/** Without what lies in folders that are not there. */
function withFolders(state: Map<string, Buffer | undefined>, root: string): DiskState {
  const there = new Map<string, Buffer | undefined>();
  for (const [path, content] of state) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (path === root || (there.has(folder) && there.get(folder) === undefined)) there.set(path, content);
  }
  return there;
}

function pick<T>(from: readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new RangeError('nothing to choose from');
  return chosen;
}
