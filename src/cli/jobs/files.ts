import { basename, dirname, join } from 'node:path';
import { factsAt } from '../../main/disk/tree.ts';
import type { FileResult } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import { sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { shortReference } from '../key-names.ts';
import { withVault } from '../vault/access.ts';
import type { Vault } from '../vault/vault.ts';
import { awsOf, keyringOf } from './aws.ts';
import type {
  DecryptOptions,
  EncryptOptions,
  OutputOptions,
  ReencryptOptions,
  RewrapOptions,
  VerifyOptions,
} from './options.ts';
import { runJob } from './results.ts';

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
    await runJob(console, (follow) => vault.call('files.encrypt', input, follow), {
      done: `encrypted under ${under}${whereTo(console, options)}`,
      row: (result) => [arrow(console, result), sizeText(result.bytes), `under ${under}`],
      wanted: 'file that could be encrypted',
      paths,
      options,
    });
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
    await runJob(console, (follow) => vault.call('files.decrypt', input, follow), {
      done: `decrypted${whereTo(console, options)}`,
      row: (result) => [arrow(console, result), sizeText(result.bytes)],
      wanted: 'encrypted file',
      paths,
      options,
    });
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
    await runJob(console, (follow) => vault.call('files.verify', input, follow), {
      done: quick ? 'looked at: header, length and end are as they should be' : found,
      row: (result) => [console.path(result.source), sizeText(result.bytes), found],
      wanted: 'encrypted file',
      paths,
      options,
    });
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
    ...(options.skipExisting === true ? { skipExisting: true } : {}),
  };
  const under = options.key === undefined ? 'its own key' : escapeText(shortReference(options.key));
  await withVault(console, options, async (vault) => {
    const now = `under the current version of ${under}`;
    await runJob(console, (follow) => vault.call('files.rewrap', input, follow), {
      done: options.key === undefined ? 'now under the current versions of their own keys' : `now ${now}`,
      row: (result) => [console.path(result.source), sizeText(result.bytes), now],
      wanted: 'encrypted file',
      paths,
      options,
    });
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
    await runJob(console, (follow) => vault.call('files.reencrypt', input, follow), {
      done: 'now under new data keys',
      row: (result) => [console.path(result.source), sizeText(result.bytes), 'under a new data key'],
      wanted: 'encrypted file',
      paths,
      options,
    });
  });
}

/** Where files come from and go to; looked at before anybody is asked for a passphrase. */
async function placesOf(
  console: Console,
  paths: readonly string[],
  { out, overwrite, each, skipExisting }: OutputOptions,
) {
  return {
    sources: await sourcesOf(console, paths, each === true),
    overwrite: overwrite === true,
    each: each === true,
    ...(skipExisting === true ? { skipExisting } : {}),
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
    throw fail('source-is-folder', { path: source });
  }
  return sources;
}

async function underWhich(vault: Vault, key: string | undefined): Promise<string> {
  const reference = key ?? (await vault.call('config.list', {}))['default-key'];
  return escapeText(shortReference(reference));
}

function arrow(console: Console, { source, output }: FileResult): string {
  const from = console.path(source);
  if (output === null || dirname(output) !== dirname(source))
    return `${from} → ${console.path(output ?? '')}`;
  // Beside what was given it is told by the same words.
  return `${from} → ${join(dirname(from), console.path(basename(output)))}`;
}

/** Where the outputs of several files went. */
function whereTo(console: Console, { out }: OutputOptions): string {
  return out === undefined ? '' : ` into ${console.path(console.absolute(out))}`;
}
