import { awsError, type KeywardError } from '../../shared/errors.ts';
import type { Header } from './authorization.ts';
import { CONTENT_TYPE } from './wire.ts';

/** A request before anybody knows whose it is. `target` as in the request line. */
type Arrival = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
};

/** A request that is not even looked at: the HTTP status, and why. */
type Refusal = { readonly status: number; readonly error: KeywardError };

/** The largest body, in bytes: a key policy of 32 KiB with everything in it escaped. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Headers that decide something here: one that stands twice could be read in two ways. */
const ONCE = ['host', 'content-type', 'content-length', 'authorization', 'x-amz-target', 'x-amz-date'];

/**
 * Holds a request against the rules that keep browsers and whatever is not an AWS client away: the exact host,
 * nothing that only browsers send, `POST /`, AWS's content type, a body of bounded size. `undefined`: it may be
 * looked at.
 */
export function refusalOf({ method, target, headers }: Arrival, port: number): Refusal | undefined {
  const named = (name: string) => headers.filter(([given]) => given.toLowerCase() === name);
  const value = (name: string) => named(name)[0]?.[1];
  const twice = ONCE.find((name) => named(name).length > 1);
  if (twice !== undefined) return refusal(400, 'ValidationException', `The header ${twice} must stand once.`);
  const names = ['127.0.0.1', 'localhost'];
  // The port of plain HTTP is left out of Host (RFC 9110, section 7.2).
  const hosts = [...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])];
  if (!hosts.includes(value('host') ?? '')) {
    return refusal(403, 'AccessDeniedException', `The Host header must be ${hosts.join(' or ')}.`);
  }
  const foreign = headers.find(([name]) => /^(origin$|sec-fetch-)/i.test(name));
  if (foreign !== undefined) {
    return refusal(403, 'AccessDeniedException', `Browsers are not served: the request has ${foreign[0]}.`);
  }
  if (method !== 'POST') return refusal(405, 'UnknownOperationException', 'Only POST is served.');
  if (/[?&]X-Amz-(Algorithm|Signature|Credential)=/i.test(target)) {
    return refusal(
      400,
      'IncompleteSignatureException',
      'Signatures in the query (presigned URLs) are not taken: sign with an Authorization header.',
    );
  }
  if (target !== '/') return refusal(404, 'UnknownOperationException', 'Only the path / is served.');
  const encoded =
    value('content-encoding') !== undefined ||
    named('transfer-encoding').some(([, text]) => !isChunked(text));
  if (value('content-type')?.toLowerCase() !== CONTENT_TYPE || encoded) {
    return refusal(
      415,
      'UnknownOperationException',
      `The content type must be ${CONTENT_TYPE}, not encoded.`,
    );
  }
  return Number(value('content-length') ?? 0) > MAX_BODY_BYTES ? tooLarge() : undefined;
}

/** The refusal of a body over `MAX_BODY_BYTES`. */
export function tooLarge(): Refusal {
  return refusal(413, 'SerializationException', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
}

/** Whether a body comes in chunks and is otherwise as it is. */
function isChunked(transferEncoding: string): boolean {
  return transferEncoding.trim().toLowerCase() === 'chunked';
}

function refusal(status: number, code: Parameters<typeof awsError>[0], message: string): Refusal {
  return { status, error: awsError(code, message) };
}
