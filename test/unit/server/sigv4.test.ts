import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bodyHashOf,
  canonicalRequest,
  type SignableRequest,
  signatureOf,
  stringToSign,
} from '../../../src/main/server/sigv4.ts';
import { vectorsFolder } from '../../support/vectors.ts';

// Public values of AWS's suite.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SCOPE = { day: '20150830', region: 'us-east-1', service: 'service' };
const TIME = '20150830T123600Z';

/** A request file of the suite: bare line feeds, headers folded or not, perhaps a body after an empty line. */
function requestOf(text: string): SignableRequest {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.replaceAll(/\n[ \t]+/g, ' ').split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const at = target.indexOf('?');
  return {
    method,
    path: at < 0 ? target : target.slice(0, at),
    query: at < 0 ? '' : target.slice(at + 1),
    headers: lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    bodyHash: bodyHashOf(Buffer.from(rest.join('\n\n'))),
  };
}

/** The cases of the suite: each folder that has a canonical request. */
function casesOf(folder: string): { name: string; read: (kind: string) => string }[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.creq'))
    .map((file) => {
      const stem = join(folder, file.slice(0, -'.creq'.length));
      return { name: file, read: (kind) => readFileSync(`${stem}.${kind}`, 'utf8') };
    });
}

describe('Signature Version 4', () => {
  it("agrees with AWS's suite: canonical request, what is signed, signature", ({ skip }) => {
    const cases = casesOf(vectorsFolder('sigv4', skip));
    expect(cases.length).toBeGreaterThanOrEqual(30);
    for (const { name, read } of cases) {
      const request = requestOf(read('sreq'));
      const [, signedHeaders = '', signature = ''] =
        /SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(read('authz')) ?? [];
      const canonical = canonicalRequest(request, signedHeaders.split(';'));
      expect(canonical, name).toBe(read('creq'));
      const signed = stringToSign(TIME, SCOPE, canonical);
      expect(signed, name).toBe(read('sts'));
      expect(signatureOf(SECRET, SCOPE, signed).toString('hex'), name).toBe(signature);
    }
  });

  it('signs every part of a request', () => {
    const request: SignableRequest = {
      method: 'POST',
      path: '/',
      query: 'a=1',
      headers: [
        ['Host', 'localhost:1'],
        ['X-Amz-Target', 'TrentService.Encrypt'],
      ],
      bodyHash: bodyHashOf(Buffer.from('{}')),
    };
    const canonical = (changed: Partial<SignableRequest>, names = ['host', 'x-amz-target']) =>
      canonicalRequest({ ...request, ...changed }, names);
    const all = [
      canonical({}),
      canonical({ method: 'GET' }),
      canonical({ path: '/a' }),
      canonical({ query: 'a=2' }),
      canonical({ headers: [['host', 'localhost:2'], request.headers[1] ?? ['', '']] }),
      canonical({ bodyHash: bodyHashOf(Buffer.from('{"a":1}')) }),
      canonical({}, ['host']),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(
      canonical({ headers: request.headers.map(([name, value]) => [name.toUpperCase(), ` ${value}  `]) }),
    ).toBe(all[0]);
  });

  it('encodes what is not in the suite as RFC 3986 has it', () => {
    const request = { method: 'GET', headers: [], bodyHash: '' };
    const parts = (path: string, query: string) =>
      canonicalRequest({ ...request, path, query }, [])
        .split('\n')
        .slice(1, 3);
    expect(parts("/a'(b)*!", "k'=(*)!&k=a=b&%zz=1&x")).toEqual([
      '/a%27%28b%29%2A%21',
      '%25zz=1&k=a%3Db&k%27=%28%2A%29%21&x=',
    ]);
    expect(parts('/a/./b/../c/', '')).toEqual(['/a/c/', '']);
  });
});
