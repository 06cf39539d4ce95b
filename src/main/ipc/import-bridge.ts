import { z } from 'zod';
import { fail } from '../../shared/errors.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';

type ImportHandlers = Pick<
  Handlers,
  'keys.saveImportParameters' | 'keys.importMaterial' | 'keys.deleteMaterial'
>;

/** No wrapped material and no token is longer. */
const MAX_BYTES = 6_144;
const parameters = z.object({
  PublicKey: z.base64(),
  ImportToken: z.base64(),
  ParametersValidTo: z.number(),
});

/** Import of key material: it goes between files that the user chose and the vault, and never through the page. */
export function importBridge<C extends HomeClaim>(
  holder: VaultHolder<C>,
  desktop: Desktop,
  handles: Handles,
): ImportHandlers {
  const read = async (handle: string) => {
    const bytes = await desktop.read(handles.path(handle));
    if (bytes.length > 0 && bytes.length <= MAX_BYTES) return Buffer.from(bytes);
    throw fail('not-a-file-of-that-kind', {
      name: handles.name(handle),
      length: bytes.length,
      most: MAX_BYTES,
    });
  };
  return {
    'keys.saveImportParameters': async ({ key, algorithm, spec }) => {
      const { keyId } = await holder.call('keys.describe', { key });
      const [folder] = await desktop.choose('parameters');
      if (folder === undefined) return { files: [], validTo: '' };
      const { output } = await holder.call('kms.call', {
        operation: 'GetParametersForImport',
        input: { KeyId: keyId, WrappingAlgorithm: algorithm, WrappingKeySpec: spec },
      });
      const { PublicKey, ImportToken, ParametersValidTo } = parameters.parse(output);
      const name = `${keyId.slice(0, 8)}-${crypto.randomUUID().slice(0, 4)}`;
      const files = await handles.give([
        await desktop.write(folder, `wrapping-key-${name}.der`, Buffer.from(PublicKey, 'base64')),
        await desktop.write(folder, `import-token-${name}.bin`, Buffer.from(ImportToken, 'base64')),
      ]);
      return { files, validTo: new Date(ParametersValidTo * 1_000).toISOString() };
    },
    'keys.importMaterial': async ({ key, material, token, fresh, expires }) => {
      const { keyId, spec } = await holder.call('keys.describe', { key });
      const [wrapped, ticket] = [await read(material), await read(token)];
      await holder.call('kms.call', {
        operation: 'ImportKeyMaterial',
        input: {
          ...{ KeyId: keyId, EncryptedKeyMaterial: wrapped.toString('base64') },
          ImportToken: ticket.toString('base64'),
          ...(expires === undefined
            ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
            : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: Date.parse(expires) / 1_000 }),
          ...(spec === 'SYMMETRIC_DEFAULT'
            ? { ImportType: fresh ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL' }
            : {}),
        },
      });
      return holder.call('keys.describe', { key: keyId });
    },
    'keys.deleteMaterial': async ({ key, version }) => {
      const { keyId } = await holder.call('keys.describe', { key });
      const input = { KeyId: keyId, ...(version === undefined ? {} : { KeyMaterialId: version }) };
      await holder.call('kms.call', { operation: 'DeleteImportedKeyMaterial', input });
      return holder.call('keys.describe', { key: keyId });
    },
  };
}
