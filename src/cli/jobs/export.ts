import { resolveHome } from '../../main/home/paths.ts';
import { asKeywardError, fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { readPassphrase, SecretFile } from '../secrets/files.ts';
import { requireStrong } from '../secrets/new-passphrase.ts';
import { withReauthentication } from '../secrets/reauthentication.ts';
import { withVault } from '../vault/access.ts';
import type { ExportOptions } from './options.ts';

/**
 * `keys export-material KEY` and `… --file PATH`: writes a version's material, or one file's data key, to a new
 * file, after the owner has shown who it is.
 */
export async function exportMaterial(
  console: Console,
  key: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const { file, out: given, for: reader, keyVersion } = options;
  if ((key === undefined) === (file === undefined)) {
    throw fail('key-or-file');
  }
  if (file !== undefined && (reader !== undefined || keyVersion !== undefined)) {
    throw fail('file-with-key-options');
  }
  const out = console.absolute(given);
  const source = file === undefined ? undefined : console.absolute(file);
  const wrap = await wrapOf(console, options);
  const target = await SecretFile.make(out, resolveHome(console.around.env), '--out');
  let written = false;
  // An open vault is not enough: whoever finds the machine unlocked must not carry its keys away.
  const work = withVault(console, options, (vault) =>
    withReauthentication(console, options, async (credential) => {
      const proof = { credential, ...wrap };
      const { document, keyId, version } =
        source !== undefined
          ? await vault.call('files.exportDataKey', { source, ...proof })
          : await vault.call('keys.exportMaterial', {
              key: key ?? '',
              form: reader ?? 'material',
              ...proof,
              ...(keyVersion === undefined ? {} : { version: keyVersion }),
            });
      await write(target, document, source === undefined);
      written = true;
      console.document({ path: out, keyId, version });
      console.say(`Written: ${console.path(out)}`);
      console.note(
        source === undefined
          ? 'Whoever has this file can open what this version encrypted. Keep it like a passphrase.'
          : 'Whoever has this file can open that one encrypted file. Keep it like a passphrase.',
      );
    }),
  );
  await work.finally(async () => {
    if (!written) await target.remove().catch(() => undefined);
  });
}

/** The mark comes first: a version whose material may be somewhere must say so. */
async function write(target: SecretFile, document: string, marked: boolean): Promise<void> {
  try {
    await target.write(document);
  } catch (error) {
    if (!marked) throw error;
    const failure = asKeywardError(error);
    throw fail('written-mark-stays', { error: failure.toBody() }, failure.details, error);
  }
}

async function wrapOf(
  console: Console,
  { wrapFile, weakPassphrase }: ExportOptions,
): Promise<{ wrap?: string }> {
  if (wrapFile === undefined) return {};
  const bytes = await readPassphrase(console.absolute(wrapFile), console.signal);
  try {
    await requireStrong(console, bytes, weakPassphrase);
    return { wrap: bytes.toString('base64') };
  } finally {
    bytes.fill(0);
  }
}
