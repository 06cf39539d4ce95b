import type { AccessMethod } from '../../shared/contract.ts';
import { wipe } from '../crypto/bytes.ts';
import type { PersonalCredential } from '../unlock/confirm.ts';
import { type HandlersOf, keyReference } from './call.ts';

/** The handlers of `keys.explain` and of stepping down and up. */
export const ACCESS_HANDLERS: HandlersOf<AccessMethod> = {
  'keys.explain': async ({ rooms }, { key, principal, action, context, conditions }, { caller }) => {
    const answer = await rooms.kms.explain(caller, {
      ...{ KeyId: keyReference(key), principal, action },
      ...(context === undefined ? {} : { encryptionContext: context }),
      ...(conditions === undefined ? {} : { conditions }),
    });
    const { statement, grantId, missing, ...rest } = answer;
    return {
      ...rest,
      missing: [...missing],
      ...(statement === undefined ? {} : { statement: { ...statement } }),
      ...(grantId === undefined ? {} : { grantId }),
    };
  },
  'vault.stepDown': async ({ stepDown }, { role }, { caller }) => {
    stepDown(caller, role);
    return { role };
  },
  'vault.stepUp': async ({ stepUp }, { credential }, { caller }) => {
    const bytes = credential.kind === 'passphrase' ? Buffer.from(credential.bytes, 'base64') : undefined;
    const shown: PersonalCredential =
      credential.kind === 'passphrase' ? { ...credential, bytes: bytes ?? Buffer.alloc(0) } : credential;
    try {
      await stepUp(caller, shown);
      return {};
    } finally {
      wipe(bytes);
    }
  },
};
