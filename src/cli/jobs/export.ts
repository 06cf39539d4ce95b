import { factsAt, writeNewFile } from '../../main/disk/tree.ts';
import { asKeywardError, KeywardError } from '../../shared/errors.ts';
import type { ExportOptions } from '../commands/keys.ts';
import type { Face } from '../face.ts';
import { readPassphrase } from '../secrets/files.ts';
import { withFreshUnlock } from '../secrets/fresh-unlock.ts';
import { withVault } from '../vault/access.ts';

/**
 * `keys export-material KEY` and `… --file PATH`: writes a version's material, or one file's data key, to a new
 * file, after the owner has shown who it is.
 */
export async function exportMaterial(
  face: Face,
  key: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const { file, out: given, for: reader, keyVersion, wrapFile } = options;
  if ((key === undefined) === (file === undefined)) {
    throw new KeywardError('Usage', 'Give either a key or --file with an encrypted file.');
  }
  if (file !== undefined && (reader !== undefined || keyVersion !== undefined)) {
    throw new KeywardError(
      'Usage',
      '--file is for one file, whatever version it is under: no --for, no --key-version.',
    );
  }
  const out = face.absolute(given);
  if ((await factsAt(out, false)) !== undefined) throw exists(out);
  await withVault(face, options, (vault) =>
    // An open vault is not enough: whoever finds the machine unlocked must not carry its keys away.
    withFreshUnlock(face, options, async (credential) => {
      const proof = { credential, ...(await wrapOf(face, wrapFile)) };
      const { document, keyId, version } =
        key === undefined
          ? await vault.call('files.exportDataKey', { source: face.absolute(file ?? ''), ...proof })
          : await vault.call('keys.exportMaterial', {
              key,
              form: reader ?? 'material',
              ...proof,
              ...(keyVersion === undefined ? {} : { version: keyVersion }),
            });
      await write(out, document, key !== undefined);
      face.document({ path: out, keyId, version });
      face.say(`Written: ${face.path(out)}`);
      face.note(
        key === undefined
          ? 'Whoever has this file can open that one encrypted file. Keep it like a passphrase.'
          : 'Whoever has this file can open what this version encrypted. Keep it like a passphrase.',
      );
    }),
  );
}

/** The mark comes first: a version whose material may be somewhere must say so. */
async function write(out: string, document: string, marked: boolean): Promise<void> {
  try {
    await writeNewFile(out, document);
  } catch (error) {
    const { code, message, details } = asKeywardError(error);
    if (!marked) throw error;
    const mark = 'The version is marked as exported all the same, because the material had left the vault.';
    throw new KeywardError(code, `${message} ${mark}`, details, error);
  }
}

async function wrapOf(face: Face, file: string | undefined): Promise<{ wrap?: string }> {
  if (file === undefined) return {};
  const bytes = await readPassphrase(face.absolute(file));
  try {
    return { wrap: bytes.toString('base64') };
  } finally {
    bytes.fill(0);
  }
}

function exists(path: string): KeywardError {
  return new KeywardError(
    'TargetExists',
    `${path} exists already and was left as it is. Give --out the name of a new file.`,
    { path },
  );
}
