import { KMS_REFUSED_NAMES } from '../../../src/shared/kms-operations.ts';
import type { InputOf, Observation } from './observing.ts';

type Inputs = { readonly [O in (typeof KMS_REFUSED_NAMES)[number]]: InputOf<O> };

const CustomKeyStoreId = 'cks-1234567890abcdef0';
const KeyId = 'mrk-1234abcd12ab34cd56ef1234567890ab';

const INPUTS: Inputs = {
  ConnectCustomKeyStore: { CustomKeyStoreId },
  CreateCustomKeyStore: { CustomKeyStoreName: 'store' },
  DeleteCustomKeyStore: { CustomKeyStoreId },
  DisconnectCustomKeyStore: { CustomKeyStoreId },
  ReplicateKey: { KeyId, ReplicaRegion: 'eu-central-1' },
  UpdateCustomKeyStore: { CustomKeyStoreId },
  UpdatePrimaryRegion: { KeyId, PrimaryRegion: 'eu-central-1' },
};

/** The operations that are refused. */
export const REFUSED: readonly Observation[] = KMS_REFUSED_NAMES.map((operation) => ({
  operation,
  outcome: 'UnsupportedOperationException',
  input: () => ({ ...INPUTS[operation] }),
}));
