import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { ImportTokens } from '../../../src/main/kms/keys/import-token.ts';
import type { KeyRow } from '../../../src/main/kms/keys/row-schemas.ts';
import type { KeyService } from '../../../src/main/kms/service.ts';
import type { CreateKeyInput } from '../../../src/main/kms/types.ts';
import { KMS_OPERATION_NAMES, KMS_REFUSED_NAMES } from '../../../src/shared/kms-operations.ts';
import { testKey } from '../store/support.ts';
import { nodePair, wrapFor } from './import-support.ts';
import { type Answer, answerOf, NEVER, type Origin, ROWS, STATES, type State } from './key-states.ts';
import { newVault, OWNER, refusal, type TestVault, withUsers } from './support.ts';

const SYMMETRIC = {};
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const AGREEING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };
const KEM = { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
const message = Buffer.from('m');
const sha256 = { Message: message, SigningAlgorithm: 'ECDSA_SHA_256' };
const mac = { Message: message, MacAlgorithm: 'HMAC_SHA_256' };
const peer = nodePair('ec', 'prime256v1').publicKey;
const SOMEBODY = 'arn:aws:iam::000000000000:user/somebody';
const grant = { GranteePrincipal: SOMEBODY, Operations: ['DescribeKey'] };

// One wrapping key for all imports here, for RSA keys take their time; its tokens are sealed as the vault's are.
const wrapping = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ALGORITHM = 'RSAES_OAEP_SHA_256';

/** The input of an import of material that does not expire. */
function importOf({ clock }: TestVault, KeyId: string, material: Uint8Array) {
  const privateKey = wrapping.privateKey.export({ format: 'der', type: 'pkcs8' });
  const publicKey = wrapping.publicKey.export({ format: 'der', type: 'spki' });
  const tokens = new ImportTokens(testKey('wrap'));
  return {
    KeyId,
    ImportToken: tokens.seal(KeyId, { algorithm: ALGORITHM, privateKey }, clock.now() + 1_000),
    EncryptedKeyMaterial: wrapFor(publicKey, ALGORITHM, material),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  };
}

type Run = (() => Promise<unknown>) | undefined;

/** A call on a key. What it needs is made before, while the key is usable; `undefined` where it never was. */
type Call = {
  readonly key?: CreateKeyInput;
  /** The key is what an alias is to name. */
  readonly target?: true;
  readonly prepare: (
    kms: KeyService,
    KeyId: string,
    vault: TestVault & { readonly usable: boolean; readonly material: Uint8Array },
  ) => Promise<Run> | Run;
};

const simple = (run: (kms: KeyService, KeyId: string) => Promise<unknown>, key?: CreateKeyInput): Call => ({
  ...(key === undefined ? {} : { key }),
  prepare: (kms, KeyId) => () => run(kms, KeyId),
});

async function otherKey(kms: KeyService): Promise<string> {
  return (await kms.CreateKey(OWNER, {})).KeyMetadata.KeyId;
}

async function sealed(kms: KeyService, KeyId: string): Promise<Buffer> {
  return (await kms.Encrypt(OWNER, { KeyId, Plaintext: message })).CiphertextBlob;
}

/** The calls of each row; some rows need more than one. */
const CALLS: { readonly [operation: string]: readonly Call[] } = {
  CancelKeyDeletion: [simple((kms, KeyId) => kms.CancelKeyDeletion(OWNER, { KeyId }))],
  CreateAlias: [simple((kms, TargetKeyId) => kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId }))],
  CreateGrant: [simple((kms, KeyId) => kms.CreateGrant(OWNER, { KeyId, ...grant }))],
  Decrypt: [
    {
      prepare: async (kms, KeyId, { usable }) => {
        if (!usable) return undefined;
        const CiphertextBlob = await sealed(kms, KeyId);
        return () => kms.Decrypt(OWNER, { CiphertextBlob });
      },
    },
  ],
  DeleteAlias: [
    {
      prepare: async (kms, TargetKeyId) => {
        await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId });
        return () => kms.DeleteAlias(OWNER, { AliasName: 'alias/x' });
      },
    },
  ],
  DeleteImportedKeyMaterial: [simple((kms, KeyId) => kms.DeleteImportedKeyMaterial(OWNER, { KeyId }))],
  DescribeKey: [simple((kms, KeyId) => kms.DescribeKey(OWNER, { KeyId }))],
  DisableKey: [simple((kms, KeyId) => kms.DisableKey(OWNER, { KeyId }))],
  DisableKeyRotation: [simple((kms, KeyId) => kms.DisableKeyRotation(OWNER, { KeyId }))],
  EnableKey: [simple((kms, KeyId) => kms.EnableKey(OWNER, { KeyId }))],
  EnableKeyRotation: [simple((kms, KeyId) => kms.EnableKeyRotation(OWNER, { KeyId }))],
  Encrypt: [simple((kms, KeyId) => kms.Encrypt(OWNER, { KeyId, Plaintext: message }))],
  GenerateDataKey: [simple((kms, KeyId) => kms.GenerateDataKey(OWNER, { KeyId, NumberOfBytes: 32 }))],
  GenerateDataKeyPair: [
    simple((kms, KeyId) => kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
  ],
  GenerateDataKeyPairWithoutPlaintext: [
    simple((kms, KeyId) =>
      kms.GenerateDataKeyPairWithoutPlaintext(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    ),
  ],
  GenerateDataKeyWithoutPlaintext: [
    simple((kms, KeyId) => kms.GenerateDataKeyWithoutPlaintext(OWNER, { KeyId, KeySpec: 'AES_256' })),
  ],
  GenerateMac: [simple((kms, KeyId) => kms.GenerateMac(OWNER, { KeyId, ...mac }), HMAC)],
  GetKeyPolicy: [simple((kms, KeyId) => kms.GetKeyPolicy(OWNER, { KeyId }))],
  GetKeyRotationStatus: [simple((kms, KeyId) => kms.GetKeyRotationStatus(OWNER, { KeyId }))],
  GetParametersForImport: [
    simple((kms, KeyId) =>
      kms.GetParametersForImport(OWNER, {
        KeyId,
        WrappingAlgorithm: ALGORITHM,
        WrappingKeySpec: 'RSA_2048',
      }),
    ),
  ],
  GetPublicKey: [simple((kms, KeyId) => kms.GetPublicKey(OWNER, { KeyId }), SIGNING)],
  ImportKeyMaterial: [
    {
      prepare: (kms, KeyId, vault) => () =>
        kms.ImportKeyMaterial(OWNER, importOf(vault, KeyId, vault.material)),
    },
  ],
  ListAliases: [simple((kms, KeyId) => kms.ListAliases(OWNER, { KeyId }))],
  ListGrants: [simple((kms, KeyId) => kms.ListGrants(OWNER, { KeyId }))],
  ListKeyPolicies: [simple((kms, KeyId) => kms.ListKeyPolicies(OWNER, { KeyId }))],
  ListResourceTags: [simple((kms, KeyId) => kms.ListResourceTags(OWNER, { KeyId }))],
  PutKeyPolicy: [
    {
      prepare: async (kms, KeyId) => {
        const { Policy } = await kms.GetKeyPolicy(OWNER, { KeyId });
        return () => kms.PutKeyPolicy(OWNER, { KeyId, Policy });
      },
    },
  ],
  ReEncrypt: [
    {
      prepare: async (kms, KeyId, { usable }) => {
        if (!usable) return undefined;
        const [CiphertextBlob, DestinationKeyId] = [await sealed(kms, KeyId), await otherKey(kms)];
        return () => kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId });
      },
    },
    {
      prepare: async (kms, DestinationKeyId) => {
        const CiphertextBlob = await sealed(kms, await otherKey(kms));
        return () => kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId });
      },
    },
  ],
  RetireGrant: [
    {
      prepare: async (kms, KeyId, { usable }) => {
        if (!usable) return undefined;
        const { GrantToken } = await kms.CreateGrant(OWNER, { KeyId, ...grant });
        return () => kms.RetireGrant(OWNER, { GrantToken });
      },
    },
  ],
  RevokeGrant: [
    {
      prepare: async (kms, KeyId, { usable }) => {
        if (!usable) return undefined;
        const { GrantId } = await kms.CreateGrant(OWNER, { KeyId, ...grant });
        return () => kms.RevokeGrant(OWNER, { KeyId, GrantId });
      },
    },
  ],
  ScheduleKeyDeletion: [simple((kms, KeyId) => kms.ScheduleKeyDeletion(OWNER, { KeyId }))],
  Sign: [simple((kms, KeyId) => kms.Sign(OWNER, { KeyId, ...sha256 }), SIGNING)],
  TagResource: [
    simple((kms, KeyId) => kms.TagResource(OWNER, { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] })),
  ],
  UntagResource: [simple((kms, KeyId) => kms.UntagResource(OWNER, { KeyId, TagKeys: ['a'] }))],
  UpdateAlias: [
    {
      target: true,
      prepare: async (kms, TargetKeyId) => {
        await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId: await otherKey(kms) });
        return () => kms.UpdateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId });
      },
    },
    {
      prepare: async (kms, KeyId) => {
        const TargetKeyId = await otherKey(kms);
        await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId: KeyId });
        return () => kms.UpdateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId });
      },
    },
  ],
  UpdateKeyDescription: [
    simple((kms, KeyId) => kms.UpdateKeyDescription(OWNER, { KeyId, Description: 'd' })),
  ],
  Verify: [
    {
      key: SIGNING,
      prepare: async (kms, KeyId, { usable }) => {
        const { Signature } = usable
          ? await kms.Sign(OWNER, { KeyId, ...sha256 })
          : { Signature: Buffer.from('s') };
        return () => kms.Verify(OWNER, { KeyId, ...sha256, Signature });
      },
    },
  ],
  VerifyMac: [
    {
      key: HMAC,
      prepare: async (kms, KeyId, { usable }) => {
        const { Mac } = usable ? await kms.GenerateMac(OWNER, { KeyId, ...mac }) : { Mac: Buffer.from('m') };
        return () => kms.VerifyMac(OWNER, { KeyId, ...mac, Mac });
      },
    },
  ],
  Decapsulate: [
    {
      key: KEM,
      prepare: async (kms, KeyId) => {
        const how = { KeyId, EncapsulationAlgorithm: 'ML_KEM' };
        const { SharedSecretCiphertextBlob } = await kms.Encapsulate(OWNER, how);
        return () => kms.Decapsulate(OWNER, { ...how, SharedSecretCiphertextBlob });
      },
    },
  ],
  DeriveSharedSecret: [
    simple(
      (kms, KeyId) =>
        kms.DeriveSharedSecret(OWNER, { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: peer }),
      AGREEING,
    ),
  ],
  Encapsulate: [
    simple((kms, KeyId) => kms.Encapsulate(OWNER, { KeyId, EncapsulationAlgorithm: 'ML_KEM' }), KEM),
  ],
  GetKeyLastUsage: [simple((kms, KeyId) => kms.GetKeyLastUsage(OWNER, { KeyId }))],
  ListKeyRotations: [simple((kms, KeyId) => kms.ListKeyRotations(OWNER, { KeyId }))],
  RotateKeyOnDemand: [simple((kms, KeyId) => kms.RotateKeyOnDemand(OWNER, { KeyId }))],
  ...Object.fromEntries(KMS_REFUSED_NAMES.map((name) => [name, [simple((kms) => kms.refuse(OWNER, name))]])),
};

/** How a key gets into a state: material of whose making, and whether it was there before. */
type Case = { readonly origin: Origin; readonly usable: boolean };

function casesOf(state: State, { key = SYMMETRIC }: Call): Case[] {
  const own = { origin: 'AWS_KMS', usable: true } as const;
  const external = { origin: 'EXTERNAL', usable: true } as const;
  const origins = key === KEM ? [own] : [own, external];
  if (state !== 'PendingImport') return origins;
  return origins.filter((one) => one !== own).flatMap((one) => [one, { ...one, usable: false }]);
}

/** Makes a key, prepares the call, brings the key into the state, and makes the call; `undefined` if it can't be. */
async function ask(call: Call, state: State, { origin, usable }: Case): Promise<Answer | undefined> {
  const vault = withUsers(newVault(), 'somebody');
  const { kms } = vault;
  const { key = SYMMETRIC } = call;
  const { KeyId, Arn } = (await kms.CreateKey(OWNER, { ...key, Origin: origin })).KeyMetadata;
  const isCurve = key === SIGNING || key === AGREEING;
  const material = isCurve ? nodePair('ec', 'prime256v1').secret : randomBytes(32);
  if (origin === 'EXTERNAL' && usable) await kms.ImportKeyMaterial(OWNER, importOf(vault, KeyId, material));
  const run = await call.prepare(kms, KeyId, Object.assign(vault, { usable, material }));
  if (state === 'Disabled') await kms.DisableKey(OWNER, { KeyId });
  if (state === 'PendingDeletion') await kms.ScheduleKeyDeletion(OWNER, { KeyId });
  if (state === 'PendingImport' && usable) await kms.DeleteImportedKeyMaterial(OWNER, { KeyId });
  const seen = (await kms.DescribeKey(OWNER, { KeyId })).KeyMetadata.KeyState;
  if (seen !== state) throw new Error(`the key is ${seen}`);
  if (run === undefined) return undefined;
  const { code, message: text } = await refusal(run());
  return code === 'none' ? ['OK', ''] : [code, text.replace(Arn, '<arn>')];
}

describe.each(ROWS)('$operation', ({ operation, cells }) => {
  it.each(STATES.map((state, column) => ({ state, cell: cells[column] ?? '' })))(
    'of a key that is $state: $cell',
    async ({ state, cell }) => {
      for (const call of CALLS[operation] ?? []) {
        for (const one of casesOf(state, call)) {
          const answer = await ask(call, state, one);
          if (answer === undefined) continue;
          const [name, words] = answerOf(operation, cell, one.origin, call.target === true);
          expect([answer[0], words === '' ? words : answer[1]], JSON.stringify(one)).toEqual([name, words]);
        }
      }
      // No post-quantum key can have imported material.
      const needless = CALLS[operation]?.every(({ key }) => key === KEM) && state === 'PendingImport';
      if (!needless) expect.hasAssertions();
    },
  );
});

describe('the table of key states', () => {
  it('has every operation on one key', () => {
    const without = ['CreateKey', 'GenerateRandom', 'ListKeys', 'ListRetirableGrants'];
    const named = ROWS.map(({ operation }) => operation).filter((name) => !name.includes('CustomKeyStore'));
    const ours = [...KMS_OPERATION_NAMES, 'ReplicateKey', 'UpdatePrimaryRegion'];
    const onKeys = ours.filter((name) => !without.includes(name) && name !== 'DescribeCustomKeyStores');
    expect(named.sort()).toEqual(onKeys.sort());
  });

  it('has three states that no key here can have', () => {
    expectTypeOf<Extract<KeyRow['state'], keyof typeof NEVER>>().toBeNever();
    expect(ROWS.every(({ cells }) => cells.length === STATES.length + Object.keys(NEVER).length)).toBe(true);
  });
});
