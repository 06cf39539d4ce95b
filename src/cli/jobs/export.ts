import { factsAt, writeNewFile } from '../../main/disk/tree.ts';
import type { Input } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import type { ExportOptions } from '../commands/keys.ts';
import type { Face } from '../face.ts';
import { type Credential, withCredential } from '../secrets/credential.ts';
import { readPassphrase } from '../secrets/files.ts';
import { withVault } from '../vault/access.ts';

/** `keys export-material KEY`: writes a version's material to a new file, after the owner has shown who it is. */
export async function exportMaterial(face: Face, key: string, options: ExportOptions): Promise<void> {
  const out = face.absolute(options.out);
  if ((await factsAt(out, false)) !== undefined) throw exists(out);
  await withVault(face, options, (vault) =>
    // An open vault is not enough: whoever finds the machine unlocked must not carry its keys away.
    withCredential(
      face,
      options,
      async () => [],
      async (credential) => {
        const { document, keyId, version } = await vault.call('keys.exportMaterial', {
          key,
          form: options.for ?? 'material',
          credential: shown(credential),
          ...(options.keyVersion === undefined ? {} : { version: options.keyVersion }),
          ...(await wrapOf(face, options.wrapFile)),
        });
        await writeNewFile(out, document);
        face.document({ path: out, keyId, version });
        face.say(`Written: ${face.path(out)}`);
        face.note('Whoever has this file can open what this version encrypted. Keep it like a passphrase.');
      },
    ),
  );
}

function shown(credential: Credential): Input<'keys.exportMaterial'>['credential'] {
  if (credential.kind === 'recovery-phrase') return credential;
  if (credential.kind === 'passphrase') {
    return { kind: 'passphrase', bytes: credential.bytes.toString('base64') };
  }
  throw new KeywardError('Usage', 'The keychain is not enough for an export. Give --passphrase-file FILE.');
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
