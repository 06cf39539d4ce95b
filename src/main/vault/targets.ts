import { basename, dirname, join } from 'node:path';
import { fail } from '../../shared/errors.ts';
import { isInside } from '../disk/inside.ts';
import { isSameName } from '../disk/same-name.ts';
import { factsAt, makeFolder } from '../disk/tree.ts';
import type { ExistingOutput } from './existing-output.ts';
import { identityOf, OutputsMade } from './file-identity.ts';
import { checkTarget } from './move-into-place.ts';
import type { Found } from './walk.ts';

/** How many folders are remembered: the most recent ones. */
const MAX_FOLDERS = 256;

/**
 * Where the outputs of a job go, those it has made, and the folders that it has looked at last, by their names: whether
 * they lie in the vault's home.
 */
export type Destination = {
  readonly place: Place;
  readonly made: OutputsMade;
  readonly folders: Map<string, Promise<boolean>>;
};

/** Beside each source, into a folder, or to one named file. */
type Place =
  | { readonly kind: 'beside' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Reads `--out`: nothing means beside the source; an existing folder, or any path for several sources, is a
 * folder; else it is the name of the one output.
 */
export async function destinationOf(out: string | undefined, several: boolean): Promise<Destination> {
  return { place: await placeOf(out, several), made: new OutputsMade(), folders: new Map() };
}

async function placeOf(out: string | undefined, several: boolean): Promise<Place> {
  if (out === undefined) return { kind: 'beside' };
  const there = await factsAt(out, true);
  if (there?.kind === 'folder') return { kind: 'folder', path: out };
  if (!several && !out.endsWith('/')) return { kind: 'file', path: out };
  if (there !== undefined) {
    throw fail('target-is-one-file', { path: out });
  }
  return { kind: 'folder', path: out };
}

/** What a job does where something stands in the place of an output: `skip` asks what that is, to pass over it. */
type TargetRules = {
  readonly home: string;
  readonly overwrite: boolean;
  readonly skip?: ((target: string) => Promise<ExistingOutput>) | undefined;
};

/** The path of an output, or what stands there that is to be left. */
type Target = { readonly path: string; readonly standing?: Exclude<ExistingOutput, undefined> };

/**
 * The path that the output of `file` gets, checked before any work: it must not be the source by any of its
 * names (pitfall 2), not lie in the vault's home, and not exist unless `overwrite` is set; even then it must
 * not be what this job has made of another source (pitfalls 18 and 19). With `skip` what exists is left and told
 * (pitfall 72), with `overwrite` too only what is up to date. Folders below a destination folder are made, so that a
 * tree keeps its shape.
 */
export async function targetFor(
  file: Found,
  name: string,
  destination: Destination,
  rules: TargetRules,
): Promise<Target> {
  const target = targetPath(file, name, destination.place);
  if (await isInHome(dirname(target), destination, rules.home)) {
    throw fail('target-in-vault', { path: target });
  }
  await refuseSource(file.path, target);
  await destination.made.refuse(target);
  const standing = await rules.skip?.(target);
  if (standing !== undefined && (standing === 'up-to-date' || !rules.overwrite))
    return { path: target, standing };
  await checkTarget(target, rules.overwrite);
  return { path: target };
}

/** Whether a folder lies in the vault's home; it is made if it belongs to a destination folder. Seldom twice in a job. */
function isInHome(path: string, { place, folders }: Destination, home: string): Promise<boolean> {
  const known = folders.get(path);
  if (known !== undefined) return known;
  const inHome = (async () => {
    if (place.kind === 'folder') await makeFolder(path, 0o777);
    return isInside(path, home);
  })();
  folders.set(path, inHome);
  const [oldest] = folders.keys();
  if (oldest !== undefined && folders.size > MAX_FOLDERS) folders.delete(oldest);
  return inHome;
}

function targetPath(file: Found, name: string, place: Place): string {
  switch (place.kind) {
    case 'beside':
      return join(dirname(file.path), name);
    case 'folder':
      return join(place.path, file.below, name);
    case 'file':
      return place.path;
  }
}

async function refuseSource(source: string, target: string): Promise<void> {
  const to = await factsAt(target, true);
  if (to === undefined) return;
  const from = await factsAt(source, true);
  if (from === undefined) return;
  if (identityOf(from) !== identityOf(to) && !(await isSameName(source, target))) return;
  throw fail('target-is-source', { path: target, name: basename(source) }, { path: target, source });
}
