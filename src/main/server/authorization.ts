import { awsError, type KeywardError } from '../../shared/errors.ts';
import { ALGORITHM, type Scope, scopeText } from './sigv4.ts';

/** A header as it came: name and value. */
export type Header = readonly [name: string, value: string];

/** What a signed request says of its signature. `time` as in `X-Amz-Date`, `signature` in hex. */
export type Authorization = {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly time: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

/** What a signature must be made for: `now` in ms since 1970. */
export type Expected = { readonly region: string; readonly now: number };

const SERVICE = 'kms';
const MAX_SKEW = 5 * 60_000;

/**
 * Whether a header decides what a request is. The content type has one possible value and need not be signed, as
 * AWS's SDK for PHP leaves it out.
 */
const decides = (name: string) => name === 'host' || name.startsWith('x-amz-');

/**
 * Reads and checks all that stands about the signature in a request's headers; the signature itself is compared
 * later. Throws, in AWS's words where they are known, `MissingAuthenticationTokenException`,
 * `IncompleteSignatureException`, `InvalidSignatureException`, `UnrecognizedClientException`.
 */
export function readAuthorization(headers: readonly Header[], expected: Expected): Authorization {
  const value = only(headers, 'authorization');
  if (value === undefined) {
    throw awsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const { Credential, SignedHeaders, Signature } = parametersOf(value);
  const time = only(headers, 'x-amz-date');
  if (time === undefined) {
    throw incomplete("Authorization header requires existence of a 'X-Amz-Date' header.");
  }
  const signedHeaders = SignedHeaders.split(';');
  checkSignedHeaders(headers, signedHeaders);
  checkPayload(headers);
  const elements = Credential.split('/');
  const [accessKeyId = '', day = '', region = '', service = '', end] = elements;
  if (elements.length !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${Credential.slice(0, 256)}'`,
    );
  }
  checkScope({ day, region, service }, end, expected.region);
  checkTime(time, day, expected.now);
  if (headers.some(([name]) => name.toLowerCase() === 'x-amz-security-token')) {
    throw awsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid. There are no session tokens here: unset AWS_SESSION_TOKEN.',
    );
  }
  return { accessKeyId, scope: { day, region, service }, time, signedHeaders, signature: Signature };
}

/** The access key id that a request names, right or wrong; `undefined` if it names none. */
export function accessKeyIdOf(headers: readonly Header[]): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '';
  return /\bCredential=([A-Z2-7]{1,128})\//.exec(value)?.[1];
}

/** The value of a header that may stand once; `undefined` if it is not there. Throws if it stands twice. */
export function only(headers: readonly Header[], name: string): string | undefined {
  const found = headers.filter(([given]) => given.toLowerCase() === name);
  if (found.length > 1) throw incomplete(`The header '${name}' must stand once.`);
  return found[0]?.[1];
}

type Parameters = { Credential: string; SignedHeaders: string; Signature: string };

function parametersOf(value: string): Parameters {
  const [algorithm = '', ...rest] = value.trim().split(' ');
  if (algorithm !== ALGORITHM) {
    throw incomplete(`Unsupported AWS 'algorithm': '${algorithm.slice(0, 64)}'. Sign with ${ALGORITHM}.`);
  }
  const found = new Map<string, string>();
  for (const part of rest.join(' ').split(',')) {
    const [, name = '', text = ''] = /^\s*([A-Za-z]+)=(\S*)\s*$/.exec(part) ?? [];
    if (name === '' || found.has(name)) throw incomplete('The Authorization header could not be read.');
    found.set(name, text);
  }
  const parameter = (name: string) => {
    const text = found.get(name) ?? '';
    if (text === '') throw incomplete(`Authorization header requires '${name}' parameter.`);
    return text;
  };
  return {
    Credential: parameter('Credential'),
    SignedHeaders: parameter('SignedHeaders'),
    Signature: parameter('Signature'),
  };
}

function checkSignedHeaders(headers: readonly Header[], signed: readonly string[]): void {
  if (signed.some((name, n) => name !== name.toLowerCase() || name <= (signed[n - 1] ?? ''))) {
    throw incomplete("'SignedHeaders' must be in lower case, sorted, and each once.");
  }
  const there = new Set(headers.map(([name]) => name.toLowerCase()));
  const missing = signed.find((name) => !there.has(name));
  if (missing !== undefined)
    throw incomplete(`'${missing.slice(0, 64)}' is signed but is not in the request.`);
  for (const name of there) {
    if (!decides(name)) continue;
    only(headers, name);
    if (!signed.includes(name)) {
      const shown = name === 'host' ? "'Host' or ':authority'" : `'${name}'`;
      throw invalid(`${shown} must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

/** The hash of the body is always part of what is signed; the header may only say so too. */
function checkPayload(headers: readonly Header[]): void {
  const said = only(headers, 'x-amz-content-sha256');
  if (said === undefined || /^[0-9a-f]{64}$/.test(said)) return;
  throw invalid('The body must be signed: x-amz-content-sha256 must be its SHA-256 or be left out.');
}

function checkScope({ day, region, service }: Scope, end: string | undefined, own: string): void {
  const given = scopeText({ day, region, service }).slice(0, 256);
  if (end !== 'aws4_request') {
    throw invalid("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  if (service !== SERVICE) {
    throw invalid(`Credential should be scoped to correct service: '${SERVICE}'. It is scoped to ${given}.`);
  }
  if (region !== own) {
    throw invalid(
      `Credential should be scoped to a valid region. It is scoped to ${given}, and the vault's region is ${own}: set AWS_REGION and AWS_DEFAULT_REGION.`,
    );
  }
}

function checkTime(time: string, day: string, now: number): void {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const signed = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Number.isNaN(signed)) {
    throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${time.slice(0, 64)}'.`);
  }
  if (!time.startsWith(day) || day.length !== 8) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day.slice(0, 64)}' != '${time.slice(0, 8)}', from '${time}'.`,
    );
  }
  const [oldest, newest] = [now - MAX_SKEW, now + MAX_SKEW];
  if (signed < oldest) {
    throw invalid(`Signature expired: ${time} is now earlier than ${basic(oldest)} (${basic(now)} - 5 min.)`);
  }
  if (signed > newest) {
    throw invalid(
      `Signature not yet current: ${time} is still later than ${basic(newest)} (${basic(now)} + 5 min.)`,
    );
  }
}

/** A moment as in `X-Amz-Date`. */
function basic(moment: number): string {
  return new Date(moment).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function incomplete(message: string): KeywardError {
  return awsError('IncompleteSignatureException', message);
}

function invalid(message: string): KeywardError {
  return awsError('InvalidSignatureException', message);
}
