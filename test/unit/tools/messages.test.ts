import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vectorsFolder } from '../../support/vectors.ts';
import { decryptAlone } from './support.ts';

type Manifest = {
  readonly tests: {
    readonly [id: string]: {
      readonly ciphertext: string;
      readonly 'master-keys': readonly {
        readonly key: string;
        readonly 'provider-id': string;
        readonly 'encryption-algorithm': string;
      }[];
      readonly cmm: string;
      readonly 'encryption-context': { readonly [name: string]: string };
      readonly result: { readonly output: { readonly plaintext: string } };
    };
  };
};
type Keys = { readonly keys: { readonly [name: string]: { readonly material: string } } };

/** The messages of one folder that raw AES keys open. */
function messagesIn(folder: string) {
  const { tests } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const { keys } = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as Keys;
  const read = (url: string) => readFileSync(join(folder, url.slice('file://'.length)));
  return Object.entries(tests).flatMap(([id, test]) => {
    const aes = test['master-keys'].filter((key) => key['encryption-algorithm'] === 'aes');
    if (aes.length === 0 || !existsSync(join(folder, test.ciphertext.slice('file://'.length)))) return [];
    const ring = aes.map(({ key, 'provider-id': namespace }) => {
      return { type: 'raw-aes', namespace, name: key, key: keys[key]?.material };
    });
    return [
      {
        id,
        message: read(test.ciphertext),
        plaintext: () => read(test.result.output.plaintext),
        key: { keys: ring, context: test['encryption-context'], allowNonCommitting: true },
      },
    ];
  });
}

describe('messages of the AWS Encryption SDK', () => {
  it('that are valid are decrypted, in every suite that raw AES keys occur with', ({ skip }) => {
    const root = vectorsFolder('aws-encryption-sdk', skip);
    const all = ['valid', 'v4'].flatMap((folder) => messagesIn(join(root, folder)));
    expect(all.length).toBeGreaterThan(10);
    for (const { id, message, plaintext, key } of all) {
      const answer = decryptAlone(message, [key]);
      expect([id, answer.code, answer.said]).toEqual([id, 0, expect.stringContaining('Decrypted to')]);
      expect(answer.plaintext?.equals(plaintext())).toBe(true);
    }
  });

  it('that are invalid are refused, and nothing is left', ({ skip }) => {
    const root = vectorsFolder('aws-encryption-sdk', skip);
    const all = messagesIn(join(root, 'invalid'));
    expect(all.length).toBeGreaterThan(5);
    for (const { id, message, key } of all) {
      const { code, left } = decryptAlone(message, [key]);
      expect([id, code, left]).toEqual([id, 5, []]);
    }
  });
});
