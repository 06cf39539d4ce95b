import {
  bodyHashOf,
  canonicalRequest,
  scopeText,
  signatureOf,
  stringToSign,
} from '../src/main/server/sigv4.ts';

/** An access key of the endpoint. */
export type AccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Headers of a request for an operation, signed as AWS's clients do; they are good for some minutes. */
export function signedHeaders(
  url: string,
  operation: string,
  body: string,
  { accessKeyId, secretAccessKey }: AccessKey,
  region: string,
): { readonly [name: string]: string } {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host: new URL(url).host,
    'x-amz-date': time,
    'x-amz-target': `TrentService.${operation}`,
  };
  const names = Object.keys(headers);
  const scope = { day: time.slice(0, 8), region, service: 'kms' };
  const plain = { method: 'POST', path: '/', query: '', headers: Object.entries(headers) };
  const canonical = canonicalRequest({ ...plain, bodyHash: bodyHashOf(Buffer.from(body)) }, names);
  const signature = signatureOf(secretAccessKey, scope, stringToSign(time, scope, canonical)).toString('hex');
  const credential = `Credential=${accessKeyId}/${scopeText(scope)}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}
