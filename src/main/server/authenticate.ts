import { awsError } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { type Authorization, type Expected, type Header, only, readAuthorization } from './authorization.ts';
import { bodyHashOf, canonicalRequest, signatureOf, stringToSign } from './sigv4.ts';

/** Tells whose an access key is, and the secret behind it; `undefined` for one that is not known. */
type FindClients = {
  principalOf(accessKeyId: string): string | undefined;
  secretOf(accessKeyId: string): string | undefined;
};

/** A request whose headers were looked at; its body is still to come. */
type Claimed = {
  readonly principal: string;
  /**
   * Throws `InvalidSignatureException` unless the signature is that of the principal over headers and body, and
   * `UnrecognizedClientException` if the access key was revoked meanwhile.
   */
  readonly verify: (body: Uint8Array) => void;
};

/**
 * Begins to authenticate a `POST /` by Signature Version 4, as far as its headers go: what nobody known sent is
 * refused before its body is read. A signature may come more than once: calls of one second that ask for the same
 * have the same. Throws as `readAuthorization`, and `UnrecognizedClientException`.
 */
export function claimOf(headers: readonly Header[], expected: Expected, find: FindClients): Claimed {
  const authorization = readAuthorization(headers, expected);
  const { accessKeyId } = authorization;
  return {
    principal: known(find.principalOf(accessKeyId)),
    // Who was revoked while the body came is refused too.
    verify: (body) => verify(headers, authorization, known(find.secretOf(accessKeyId)), body),
  };
}

function known(found: string | undefined): string {
  if (found !== undefined) return found;
  throw awsError(
    'UnrecognizedClientException',
    'The security token included in the request is invalid. No client has this access key, or it was revoked; see: keyward clients list',
  );
}

function verify(
  headers: readonly Header[],
  { scope, time, signedHeaders, signature }: Authorization,
  secretAccessKey: string,
  body: Uint8Array,
): void {
  const bodyHash = bodyHashOf(body);
  const said = only(headers, 'x-amz-content-sha256');
  const request = { method: 'POST', path: '/', query: '', headers, bodyHash };
  const signed = stringToSign(time, scope, canonicalRequest(request, signedHeaders));
  const right = signatureOf(secretAccessKey, scope, signed);
  const given = /^[0-9a-f]{64}$/.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(0);
  if ((said === undefined || said === bodyHash) && equalBytes(given, right)) return;
  throw awsError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}
