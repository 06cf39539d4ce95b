import { awsError } from '../../../shared/errors.ts';
import { WRAPPING_ALGORITHMS, type WrappingAlgorithm } from '../../../shared/key-specs.ts';
import { seal, unseal } from '../../crypto/aead.ts';
import { wipe } from '../../crypto/bytes.ts';

/** What an import token stands for: the private wrapping key (PKCS #8), which the caller wipes, and its algorithm. */
export type ImportParameters = { readonly algorithm: WrappingAlgorithm; readonly privateKey: Buffer };

const INFO = 'keyward/1/import-token';
const HEAD_BYTES = 9;

/**
 * Import tokens: validity u64 in ms ‖ algorithm u8 ‖ private wrapping key, sealed and bound to the key that they
 * are for. The wrapping key is kept nowhere else: what is never used leaves nothing to clean up, and a vault that
 * was locked and opened in between still knows its tokens.
 */
export class ImportTokens {
  readonly #key: Buffer;

  /** `key`: 32 bytes; it stays the caller's. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** A token; the private key stays the caller's to wipe. */
  seal(keyId: string, { algorithm, privateKey }: ImportParameters, validTo: number): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeBigUInt64BE(BigInt(validTo));
    head[HEAD_BYTES - 1] = WRAPPING_ALGORITHMS.indexOf(algorithm);
    const whole = Buffer.concat([head, privateKey]);
    const token = seal(this.#key, INFO, Buffer.from(keyId), whole);
    wipe(whole);
    return token;
  }

  /** Opens a token. Throws `InvalidImportTokenException`, also for another key's, and `ExpiredImportTokenException`. */
  open(keyId: string, token: Uint8Array, now: number): ImportParameters {
    const whole = unseal(this.#key, INFO, Buffer.from(keyId), token);
    const algorithm = WRAPPING_ALGORITHMS[whole?.[HEAD_BYTES - 1] ?? WRAPPING_ALGORITHMS.length];
    if (whole === undefined || algorithm === undefined) {
      throw awsError(
        'InvalidImportTokenException',
        'The import token is not one of this key. Use the one that came with the public key from GetParametersForImport.',
      );
    }
    if (Number(whole.readBigUInt64BE()) < now) {
      wipe(whole);
      throw awsError(
        'ExpiredImportTokenException',
        'The import token is more than 24 hours old. Get a new one with GetParametersForImport, and wrap the material under its public key.',
      );
    }
    return { algorithm, privateKey: whole.subarray(HEAD_BYTES) };
  }
}
