import { hmacSha256, sha256 } from '../crypto/hash.ts';

/*
 * AWS Signature Version 4: what is signed, and the signature. AWS General Reference, "Create a signed AWS API
 * request".
 */

/** The one algorithm that there is here. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** A request as far as it is signed. `path` and `query` as they stand in the request line, `bodyHash` in hex. */
export type SignableRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** In the order in which they came, names as they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bodyHash: string;
};

/** For which day, region and service a signature holds. */
export type Scope = { readonly day: string; readonly region: string; readonly service: string };

/** The hash of a body, in hex. */
export function bodyHashOf(body: Uint8Array): string {
  return sha256(body).toString('hex');
}

/** The canonical form of a request; `signedHeaders` in lower case and sorted. */
export function canonicalRequest(request: SignableRequest, signedHeaders: readonly string[]): string {
  const lines = signedHeaders.map((name) => `${name}:${headerValues(request, name).join(',')}\n`);
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    lines.join(''),
    signedHeaders.join(';'),
    request.bodyHash,
  ].join('\n');
}

/** What is signed of a canonical request; `time` as in `X-Amz-Date`. */
export function stringToSign(time: string, scope: Scope, canonical: string): string {
  return [ALGORITHM, time, scopeText(scope), sha256(Buffer.from(canonical)).toString('hex')].join('\n');
}

/** The signature under a secret access key, 32 bytes. */
export function signatureOf(secretAccessKey: string, scope: Scope, signed: string): Buffer {
  const parts = [scope.day, scope.region, scope.service, 'aws4_request', signed];
  return parts.reduce<Buffer>(
    (key, part) => hmacSha256(key, Buffer.from(part)),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

/** `day/region/service/aws4_request` */
export function scopeText({ day, region, service }: Scope): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/** The values of a header, in the order in which they came, white space trimmed and made single. */
function headerValues({ headers }: SignableRequest, name: string): string[] {
  return headers
    .filter(([given]) => given.toLowerCase() === name)
    .map(([, value]) => value.trim().replaceAll(/\s+/g, ' '));
}

/** The path with `.`, `..` and empty segments taken out (RFC 3986 section 5.2.4), each segment encoded. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(encoded(segment));
  }
  const end = kept.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${kept.join('/')}${end}`;
}

/** The parameters decoded, encoded anew, and sorted by name and then value. */
function canonicalQuery(query: string): string {
  const parameters = query === '' ? [] : query.split('&');
  return parameters
    .map((parameter) => {
      const [name = '', ...rest] = parameter.split('=');
      return [encoded(decoded(name)), encoded(decoded(rest.join('=')))] as const;
    })
    .sort(([name, value], [otherName, other]) => compare(name, otherName) || compare(value, other))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** All but the unreserved characters of RFC 3986 as `%XX`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
