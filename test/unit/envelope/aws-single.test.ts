import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { composeMessage, draftMessage, type WrittenSuite } from '../../../src/main/envelope/aws/compose.ts';
import { canFlow, checkAwsFile, decryptAwsFile } from '../../../src/main/envelope/aws/decrypt.ts';
import { headerTag } from '../../../src/main/envelope/aws/keys.ts';
import { wrapRawAes } from '../../../src/main/envelope/aws/raw-aes.ts';
import { decryptAws, encryptAws, openAws, WRAPPING } from './aws-support.ts';
import { memoryFile, memorySink, pattern } from './support.ts';

/** A message whose body is one block, as another writer may make it. */
function single(plaintext: Buffer, suite: WrittenSuite): Buffer {
  const draft = draftMessage({ purpose: 'test' }, suite);
  const dataKey = randomBytes(32);
  const edk = wrapRawAes(WRAPPING, dataKey, draft.context);
  const { header, payloadKey, signer } = composeMessage(draft, dataKey, [edk]);
  const authenticated = Buffer.from(header.authenticated);
  const at = authenticated.length - 37;
  authenticated.writeUInt8(1, at);
  authenticated.writeUInt32BE(0, at + 1);
  const tag = headerTag(payloadKey, new Uint8Array(12), authenticated);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(plaintext.length));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', payloadKey, iv);
  const label = Buffer.from('AWSKMSEncryptionClient Single Block');
  cipher.setAAD(Buffer.concat([header.messageId, label, Buffer.from('00000001', 'hex'), length]));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const message = Buffer.concat([authenticated, tag, iv, length, sealed]);
  if (signer === undefined) return message;
  signer.update(message);
  const signature = signer.sign();
  return Buffer.concat([message, Buffer.from([signature.length >> 8, signature.length & 0xff]), signature]);
}

const SUITES = [0x0478, 0x0578] as const;

describe('AWS messages without frames', () => {
  it.each(SUITES)('are read, however long: suite %i', async (suite) => {
    for (const length of [0, 1, 1000, 1 << 20, (1 << 20) + 1, 3_000_000]) {
      const plaintext = pattern(length);
      const done = await decryptAws(single(plaintext, suite));
      expect(done.plaintext.equals(plaintext)).toBe(true);
      expect([done.length, done.checked.plaintextLength]).toEqual([length, length]);
      expect(canFlow(done.message.header)).toBe(false);
    }
  });

  it.each(SUITES)(
    'are refused whichever bit is flipped, and nothing is released: suite %i',
    async (suite) => {
      const bytes = single(pattern(40), suite);
      expect((await decryptAws(bytes)).length).toBe(40);
      for (let bit = 0; bit < bytes.length * 8; bit += suite === 0x0578 ? 3 : 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const error = await decryptAws(changed, undefined, { allowNonCommitting: true }).catch(
          (reason: unknown) => reason as { code?: string; released?: number },
        );
        expect(error).toHaveProperty('code');
        expect('released' in error ? error.released : 0).toBe(0);
      }
    },
  );

  it.each(SUITES)('are refused when cut at any byte or continued: suite %i', async (suite) => {
    const bytes = single(pattern(40), suite);
    const more = Buffer.concat([bytes, Buffer.alloc(1)]);
    for (let length = 0; length < bytes.length; length++) {
      await expect(decryptAws(bytes.subarray(0, length))).rejects.toMatchObject({ name: 'KeywardError' });
    }
    await expect(decryptAws(more)).rejects.toMatchObject({ code: 'FileDamaged' });
  });

  it('with a bad tag at their end release nothing, also when they are long', async () => {
    const bytes = single(pattern(3_000_000), 0x0478);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await expect(decryptAws(bytes)).rejects.toMatchObject({ code: 'FileDamaged', released: 0 });
  });
});

describe('signed messages', () => {
  it('release nothing when the signature is that of another key over the same frames', async () => {
    const { bytes, message } = await encryptAws(pattern(5000), { suite: 0x0578 });
    const other = (await encryptAws(pattern(5000), { suite: 0x0578 })).bytes;
    const end = message.header.bodyAt + 5000 + 32 + 40;
    expect(bytes.readUInt16BE(end)).toBe(bytes.length - end - 2);
    const swapped = Buffer.concat([bytes.subarray(0, end), other.subarray(end)]);
    await expect(decryptAws(swapped)).rejects.toMatchObject({ code: 'FileDamaged', message: /signature/ });
    const none = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(2)]);
    await expect(decryptAws(none)).rejects.toMatchObject({ code: 'FileDamaged' });
  });

  it('stop when they are told to', async () => {
    const { bytes } = await encryptAws(pattern(5000), { suite: 0x0578 });
    const { message } = await openAws(bytes);
    const signal = AbortSignal.abort();
    const check = checkAwsFile(memoryFile(bytes), message, { signal });
    await expect(check).rejects.toMatchObject({ code: 'Cancelled' });
    const checked = await checkAwsFile(memoryFile(bytes), message);
    const decrypt = decryptAwsFile(checked, memorySink(), { signal });
    await expect(decrypt).rejects.toMatchObject({ code: 'Cancelled' });
  });
});
