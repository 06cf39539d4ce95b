import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyringOpeners, parseKeyring } from '../../../src/main/envelope/aws/keyring.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { vectorsFolder } from '../../support/vectors.ts';
import { decryptAws } from './aws-support.ts';

type Manifest = {
  tests: {
    [name: string]: {
      ciphertext: string;
      'master-keys': {
        key: string;
        'provider-id': string;
        'encryption-algorithm': string;
        'padding-algorithm'?: string;
        'padding-hash'?: string;
      }[];
      'encryption-context': Record<string, string>;
      result: { output: { plaintext: string } };
    };
  };
};
type Keys = { keys: { [name: string]: { material: string; decrypt: boolean } } };

function read(folder: string) {
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const file = (uri: string) => readFileSync(join(folder, uri.replace('file://', '')));
  const { keys } = json('keys.json') as Keys;
  return Object.entries((json('manifest.json') as Manifest).tests).map(([name, test]) => ({
    name,
    bytes: file(test.ciphertext),
    plaintext: file(test.result.output.plaintext),
    keyring: parseKeyring(
      JSON.stringify({
        keys: test['master-keys']
          .filter(({ key }) => keys[key]?.decrypt)
          .map((key) => {
            const names = { namespace: key['provider-id'], name: key.key };
            const material = keys[key.key]?.material;
            return key['encryption-algorithm'] === 'aes'
              ? { type: 'raw-aes', ...names, key: material }
              : { type: 'raw-rsa', ...names, padding: `oaep-${key['padding-hash']}`, pem: material };
          }),
        context: test['encryption-context'],
        allowNonCommitting: true,
      }),
      'keys.json',
    ),
  }));
}

/** What came out, or the code of the error. */
async function outcome({ bytes, keyring, plaintext }: ReturnType<typeof read>[number]) {
  try {
    const done = await decryptAws(bytes, keyringOpeners(keyring), keyring);
    return done.plaintext.equals(plaintext) ? 'plaintext' : 'another plaintext';
  } catch (error) {
    return isKeywardError(error) ? error.code : error;
  }
}

describe('published AWS messages', () => {
  it.for(['v4', 'valid'])('%s decrypt', async (folder, { skip }) => {
    const tests = read(join(vectorsFolder('aws-encryption-sdk', skip), folder));
    for (const test of tests) expect([test.name, await outcome(test)]).toEqual([test.name, 'plaintext']);
  });

  it('invalid are refused', async ({ skip }) => {
    const tests = read(join(vectorsFolder('aws-encryption-sdk', skip), 'invalid'));
    const refused = ['FileDamaged', 'FileTruncated', 'WrongKey', 'UnsupportedSlot'];
    for (const test of tests)
      expect([test.name, refused]).toEqual([test.name, expect.arrayContaining([await outcome(test)])]);
  });
});
