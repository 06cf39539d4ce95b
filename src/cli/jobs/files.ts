import { factsAt } from '../../main/disk/tree.ts';
import type { FileResult, Progress } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { shortReference } from '../names.ts';
import { inert } from '../text/escape.ts';
import { columns, countText, sizeText, spanText } from '../text/measures.ts';
import { type Vault, withVault } from '../vault/access.ts';
import { awsOf, keyringOf } from './aws.ts';
import type {
  DecryptOptions,
  EncryptOptions,
  OutputOptions,
  ReencryptOptions,
  RewrapOptions,
  VerifyOptions,
} from './options.ts';

/** `encrypt PATH…` */
export async function encryptFiles(
  console: Console,
  paths: readonly string[],
  options: EncryptOptions,
): Promise<void> {
  const input = {
    ...(await placesOf(console, paths, options)),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...awsOf(options),
  };
  await withVault(console, options, async (vault) => {
    const under = console.json ? '' : await underWhich(vault, options.key);
    await work(
      console,
      (tell) => vault.call('files.encrypt', input, { progress: tell }),
      (result) => [
        `${console.path(result.source)} → ${console.path(result.output ?? '')}`,
        sizeText(result.bytes),
        `under ${under}`,
      ],
    );
  });
}

/** `decrypt PATH…` */
export async function decryptFiles(
  console: Console,
  paths: readonly string[],
  options: DecryptOptions,
): Promise<void> {
  const input = {
    ...(await placesOf(console, paths, options)),
    ...(options.range === undefined ? {} : { range: options.range }),
    ...(options.salvage === undefined ? {} : { salvage: options.salvage }),
    ...(await keyringOf(console, options.keyring)),
  };
  await withVault(console, options, async (vault) => {
    await work(
      console,
      (tell) => vault.call('files.decrypt', input, { progress: tell }),
      (result) => [
        `${console.path(result.source)} → ${console.path(result.output ?? '')}`,
        sizeText(result.bytes),
      ],
    );
  });
}

/** `verify PATH…` */
export async function verifyFiles(
  console: Console,
  paths: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const quick = options.quick === true;
  const input = {
    sources: await sourcesOf(console, paths, options.each === true),
    each: options.each === true,
    quick,
    ...(await keyringOf(console, options.keyring)),
  };
  const found = quick ? 'its header, length and end are as they should be' : 'whole and authentic';
  await withVault(console, options, async (vault) => {
    await work(
      console,
      (tell) => vault.call('files.verify', input, { progress: tell }),
      (result) => [console.path(result.source), sizeText(result.bytes), found],
    );
  });
}

/** `rewrap PATH…` */
export async function rewrapFiles(
  console: Console,
  paths: readonly string[],
  options: RewrapOptions,
): Promise<void> {
  const input = {
    sources: await sourcesOf(console, paths, options.each === true),
    each: options.each === true,
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.fromVersion === undefined ? {} : { fromVersion: options.fromVersion }),
  };
  const under = options.key === undefined ? 'its key' : inert(shortReference(options.key));
  await withVault(console, options, async (vault) => {
    await work(
      console,
      (tell) => vault.call('files.rewrap', input, { progress: tell }),
      (result) => [
        console.path(result.source),
        sizeText(result.bytes),
        `under the current version of ${under}`,
      ],
    );
  });
}

/** `reencrypt PATH…` */
export async function reencryptFiles(
  console: Console,
  paths: readonly string[],
  options: ReencryptOptions,
): Promise<void> {
  const input = {
    sources: await sourcesOf(console, paths, options.each === true),
    each: options.each === true,
    ...(options.key === undefined ? {} : { key: options.key }),
  };
  await withVault(console, options, async (vault) => {
    await work(
      console,
      (tell) => vault.call('files.reencrypt', input, { progress: tell }),
      (result) => [console.path(result.source), sizeText(result.bytes), 'under a new data key'],
    );
  });
}

/** Where files come from and go to; looked at before anybody is asked for a passphrase. */
async function placesOf(console: Console, paths: readonly string[], { out, overwrite, each }: OutputOptions) {
  return {
    sources: await sourcesOf(console, paths, each === true),
    overwrite: overwrite === true,
    each: each === true,
    ...(out === undefined ? {} : { out: console.absolute(out) }),
  };
}

/**
 * The sources as absolute paths. A folder without --each is refused here, before anybody is asked for a
 * passphrase.
 */
async function sourcesOf(console: Console, paths: readonly string[], each: boolean): Promise<string[]> {
  const sources = paths.map((path) => console.absolute(path));
  if (each) return sources;
  for (const source of sources) {
    const facts = await factsAt(source, true).catch(() => undefined);
    if (facts?.kind !== 'folder') continue;
    throw new KeywardError(
      'SourceIsFolder',
      `${source} is a folder. Add --each to work on every file in it, one by one.`,
      { path: source },
    );
  }
  return sources;
}

async function underWhich(vault: Vault, key: string | undefined): Promise<string> {
  const reference = key ?? (await vault.call('config.list', {}))['default-key'];
  return inert(shortReference(reference));
}

async function work(
  console: Console,
  call: (tell: (progress: Progress) => void) => Promise<{ results: FileResult[] }>,
  row: (result: FileResult) => readonly string[],
): Promise<void> {
  const began = performance.now();
  const { results } = await console.withProgress(call);
  const seconds = (performance.now() - began) / 1000;
  for (const { error } of results) if (error !== undefined) console.raise(error.code);
  console.document({ results });
  if (!console.json) tell(console, results, seconds, row);
}

/** Results in words: a line for each file, errors on standard error, a sum for more than one file. */
function tell(
  console: Console,
  results: readonly FileResult[],
  seconds: number,
  row: (result: FileResult) => readonly string[],
): void {
  if (results.length === 0) console.note('Nothing was done: there is no file for this in the folder.');
  const done = results.filter(({ status }) => status === 'done');
  const lines = columns(done.map(row));
  done.forEach(({ notes }, i) => {
    console.say(lines[i] ?? '');
    for (const note of notes ?? []) console.say(`  ${console.style.dim(inert(note))}`);
  });
  const others = results.filter(({ status }) => status !== 'done');
  for (const { source, status, notes, error } of others) {
    if (status === 'skipped')
      console.say(console.style.dim(`${console.path(source)}  skipped: ${inert(notes?.[0] ?? '')}`));
    else if (error !== undefined) console.explain(error, source);
  }
  if (results.length < 2) return;
  const bytes = done.reduce((sum, result) => sum + result.bytes, 0);
  const count = (status: FileResult['status']) => others.filter((result) => result.status === status).length;
  const rest = (['failed', 'cancelled', 'skipped'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  const sum = `${countText(done.length, 'file')}, ${sizeText(bytes)} in ${spanText(seconds)}`;
  console.say([sum, ...rest].join('; '));
}
