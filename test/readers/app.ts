import { sha256 } from '../../src/main/crypto/hash.ts';
import { checkFile, decryptFile } from '../../src/main/envelope/body.ts';
import { nativeBody } from '../../src/main/envelope/native-body.ts';
import { openBlob, parseBlob } from '../../src/main/kms/cipher/ciphertext-blob.ts';
import type { KeyService } from '../../src/main/kms/service.ts';
import type { Caller } from '../../src/main/kms/types.ts';
import type { JobServices } from '../../src/main/vault/jobs.ts';
import { openHeaderOf, refusePackage } from '../../src/main/vault/open-header.ts';
import { vaultKeys } from '../../src/main/vault/vault-keys.ts';
import { type EncryptionContext, encodeContext } from '../../src/shared/context.ts';
import { isKeywardError, KeywardError } from '../../src/shared/errors.ts';
import { memoryFile, memorySink } from '../unit/envelope/support.ts';
import type { Reader } from './answer.ts';

/** What the app's reader asks its key service. */
type DecryptRequest = {
  readonly CiphertextBlob: Uint8Array;
  readonly EncryptionContext: EncryptionContext;
};

/** A key version whose material is at hand. */
export type AppVersion = { readonly keyId: string; readonly versionId: string; readonly material: Buffer };

/**
 * Of a vault the parts that opening a header asks. The key service is one version's material: a `Decrypt` that opens
 * blobs of that version and answers as the real one to all others.
 */
export function appServices(version: AppVersion, home = ''): JobServices {
  async function Decrypt(_: Caller, { CiphertextBlob, EncryptionContext }: DecryptRequest) {
    const blob = parseBlob(CiphertextBlob);
    if (blob?.keyId !== version.keyId) throw new KeywardError('NotFoundException', 'There is no such key.');
    const Plaintext = hasVersion(blob.keyId, blob.versionId)
      ? openBlob(version.material, blob, encodeContext(EncryptionContext))
      : undefined;
    if (Plaintext === undefined) throw new KeywardError('InvalidCiphertextException', 'It does not open.');
    return { Plaintext };
  }
  const hasVersion = (keyId: string, versionId: string) =>
    keyId === version.keyId && versionId === version.versionId;
  const kms = { Decrypt, hasVersion } as unknown as KeyService;
  const about = { store: { read: () => undefined }, home, newerKeys: () => [] };
  const services = { kms, slotKinds: [vaultKeys(kms)], ...about };
  return services as unknown as JobServices;
}

/** The app, with its own code from the header to the last frame. */
export function appReader(version: AppVersion): Reader {
  const services = appServices(version);
  const { signal } = new AbortController();
  return {
    name: 'app',
    async read(bytes) {
      const file = memoryFile(bytes, 'file');
      try {
        const { open, state } = await openHeaderOf(services, {} as Caller, file, signal);
        refusePackage(state.header.contentKind, 'file');
        const sink = memorySink();
        await decryptFile(await checkFile(file, nativeBody(open)), sink);
        return { code: null, sha256: sha256(sink.bytes()).toString('hex') };
      } catch (error) {
        if (!isKeywardError(error)) throw error;
        return { code: error.code, sha256: null };
      }
    },
  };
}
