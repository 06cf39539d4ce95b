import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { seal, unseal } from '../../crypto/aead.ts';

const INFO = 'keyward/1/grant-token';
const NAME = /^[0-9a-f-]{36}\/[0-9a-f]{64}$/;

/**
 * Grant tokens: the grant they belong to, sealed, so that nobody can make one up. A grant counts as soon as it is made,
 * so a token is needed for retiring alone.
 */
export class GrantTokens {
  readonly #key: Buffer;

  /** `key`: 32 bytes; it stays the caller's. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** A new token for a grant. */
  make(keyId: string, grantId: string): string {
    return seal(this.#key, INFO, Buffer.alloc(0), Buffer.from(`${keyId}/${grantId}`)).toString('base64url');
  }

  /** The grant that a token is of, whether or not it is still there. Throws `InvalidGrantTokenException`. */
  open(token: string): { keyId: string; grantId: string } {
    const name = unseal(this.#key, INFO, Buffer.alloc(0), Buffer.from(token, 'base64url'))?.toString();
    if (name === undefined || !NAME.test(name)) throw invalidGrantToken();
    const [keyId = '', grantId = ''] = name.split('/');
    return { keyId, grantId };
  }
}

/** `InvalidGrantTokenException`. */
function invalidGrantToken(): KeywardError {
  return awsError('InvalidGrantTokenException', 'Invalid grant token.');
}
