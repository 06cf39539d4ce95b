import { randomBytes } from 'node:crypto';
import {
  type AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
  RawRsaKeyringNode,
} from '@aws-crypto/client-node';
import { describe, expect, it } from 'vitest';
import { canFlow } from '../../../src/main/envelope/aws/decrypt.ts';
import { keyringOpeners, parseKeyring } from '../../../src/main/envelope/aws/keyring.ts';
import { decryptAws, encryptAws, OPENER, rsaPair, WRAPPING } from './aws-support.ts';
import { pattern } from './support.ts';

const client = buildClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
const strict = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const keyring = (utf8Sorting: boolean) =>
  new RawAesKeyringNode({
    keyNamespace: WRAPPING.namespace,
    keyName: WRAPPING.name,
    unencryptedMasterKey: Uint8Array.from(WRAPPING.key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting,
  });
// As other languages order a context, and as JavaScript does unless told so.
const aesKeyring = keyring(true);
const AWKWARD = { purpose: 'test', Zone: 'z', ä: 'ö', '\u{1f600}': 'x', '\uffee': 'y' };

describe('the official client', () => {
  it.each([0x0478, 0x0578] as const)('reads what is written: suite %i', async (suite) => {
    for (const frameLength of [1, 512, 4096, 65_536]) {
      for (const length of [0, 1, frameLength - 1, frameLength, frameLength + 1, 2 * frameLength]) {
        const plaintext = pattern(length);
        const context = AWKWARD;
        const { bytes } = await encryptAws(plaintext, { suite, frameLength, context });
        const { plaintext: read, messageHeader } = await strict.decrypt(aesKeyring, bytes);
        expect(Buffer.from(read).equals(plaintext)).toBe(true);
        expect(messageHeader.encryptionContext).toMatchObject(context);
      }
    }
  });

  it.each([0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378, 0x0478, 0x0578])(
    'writes what is read: suite %i',
    async (suite) => {
      const writer = suite < 0x0400 ? client : strict;
      for (const [length, frameLength] of [
        [0, 4096],
        [1, 1],
        [512, 512],
        [4097, 4096],
        [70_000, 4096],
      ] as const) {
        const plaintext = pattern(length);
        const { result } = await writer.encrypt(keyring(length % 2 === 0), plaintext, {
          suiteId: suite as AlgorithmSuiteIdentifier,
          frameLength,
          encryptionContext: AWKWARD,
        });
        const done = await decryptAws(result, [OPENER], { allowNonCommitting: suite < 0x0400 });
        expect(done.plaintext.equals(plaintext)).toBe(true);
        expect(done.message.context).toMatchObject({ purpose: 'test' });
        expect(canFlow(done.message.header)).toBe(![0x0214, 0x0346, 0x0378, 0x0578].includes(suite));
        if (suite < 0x0400) {
          await expect(decryptAws(result)).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
        }
      }
    },
  );

  // Frames of 1 MiB are what the client itself is fastest with; their pieces cross those that bytes are read in.
  it.each([0x0478, 0x0578] as const)('and we read each other at frames of 1 MiB: suite %i', async (suite) => {
    const frameLength = 1 << 20;
    for (const length of [0, 1, frameLength - 1, frameLength, frameLength + 1, 2 * frameLength]) {
      const plaintext = pattern(length);
      const { bytes } = await encryptAws(plaintext, { suite, frameLength });
      expect(Buffer.from((await strict.decrypt(aesKeyring, bytes)).plaintext).equals(plaintext)).toBe(true);
      const { result } = await strict.encrypt(aesKeyring, plaintext, {
        suiteId: suite as AlgorithmSuiteIdentifier,
        frameLength,
      });
      expect((await decryptAws(result)).plaintext.equals(plaintext)).toBe(true);
    }
  });

  it('writes for RSA keys what is read', async () => {
    const { publicKey, privateKey } = rsaPair();
    const rsaKeyring = new RawRsaKeyringNode({
      keyNamespace: 'ns',
      keyName: 'rsa',
      rsaKey: { publicKey },
      oaepHash: 'sha256',
    });
    const { result } = await strict.encrypt(rsaKeyring, pattern(100));
    const ours = parseKeyring(
      JSON.stringify({
        keys: [{ type: 'raw-rsa', namespace: 'ns', name: 'rsa', padding: 'oaep-sha256', pem: privateKey }],
      }),
      'k.json',
    );
    expect((await decryptAws(result, keyringOpeners(ours))).plaintext.equals(pattern(100))).toBe(true);
  });

  it('refuses a flipped bit where we do', async () => {
    const { bytes } = await encryptAws(randomBytes(40), { frameLength: 16 });
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(strict.decrypt(aesKeyring, changed)).rejects.toThrow();
      await expect(decryptAws(changed)).rejects.toThrow();
    }
  });
});
