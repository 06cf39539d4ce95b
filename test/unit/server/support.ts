import { request as httpRequest } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { Endpoint } from '../../../src/main/server/endpoint.ts';
import { LIMITS, type Limits } from '../../../src/main/server/limits.ts';
import type { RefusedSpan } from '../../../src/main/server/refusals.ts';
import {
  bodyHashOf,
  canonicalRequest,
  scopeText,
  signatureOf,
  stringToSign,
} from '../../../src/main/server/sigv4.ts';
import type { Json } from '../../../src/shared/errors.ts';
import { newVault, OWNER, type TestVault, VAULT } from '../kms/support.ts';

export const JSON_TYPE = 'application/x-amz-json-1.1';

/** An access key. */
export type AccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** A vault with its endpoint, and a client with full access. */
export type Served = TestVault & {
  readonly endpoint: Endpoint;
  readonly port: number;
  readonly key: AccessKey;
};

/** Serves a new vault. */
export async function serve(
  limits: Partial<Limits> = {},
  unsigned?: string,
  refused?: (span: RefusedSpan) => void,
): Promise<Served> {
  const vault = newVault();
  const key = vault.kms.clients.create(OWNER, { name: 'tester', policy: null });
  const { kms, clock } = vault;
  const all = { ...LIMITS, linger: 200, ...limits };
  const endpoint = await Endpoint.listen({ kms, clock, vault: VAULT, unsigned, refused }, 0, all);
  return Object.assign(vault, { endpoint, port: Number(new URL(endpoint.url).port), key });
}

type Headers = { readonly [name: string]: string };

/** What may differ from an honest request. Headers of `signed` are signed, those of `added` are not. */
export type Tweaks = {
  readonly key?: AccessKey;
  readonly region?: string;
  readonly service?: string;
  readonly time?: number;
  readonly day?: string;
  readonly target?: string;
  readonly body?: string | Buffer;
  readonly signed?: Headers;
  readonly added?: Headers;
  /** Headers that the signature leaves out. */
  readonly unsigned?: readonly string[];
  /** Changes the Authorization header. */
  readonly authorization?: (header: string) => string;
};

/** Body and headers of a request for an operation, signed as AWS's clients do. */
export function signed(
  served: Served,
  operation: string,
  input: Json,
  tweaks: Tweaks = {},
): { headers: Headers; body: Buffer } {
  const { key = served.key, region = 'local', service = 'kms', time = served.clock.now() } = tweaks;
  const body = Buffer.from(tweaks.body ?? JSON.stringify(input));
  const date = new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const { day = date.slice(0, 8) } = tweaks;
  const headers: Headers = {
    host: `127.0.0.1:${served.port}`,
    'content-type': JSON_TYPE,
    'x-amz-date': date,
    'x-amz-target': tweaks.target ?? `TrentService.${operation}`,
    ...tweaks.signed,
  };
  const scope = { day, region, service };
  const names = Object.keys(headers)
    .filter((name) => tweaks.unsigned?.includes(name) !== true)
    .sort();
  const request = { method: 'POST', path: '/', query: '', headers: Object.entries(headers) };
  const canonical = canonicalRequest({ ...request, bodyHash: bodyHashOf(body) }, names);
  const signature = signatureOf(key.secretAccessKey, scope, stringToSign(date, scope, canonical));
  const credential = `Credential=${key.accessKeyId}/${scopeText(scope)}`;
  const header = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature.toString('hex')}`;
  const authorization = tweaks.authorization?.(header) ?? header;
  return {
    headers: { ...headers, authorization, 'content-length': String(body.length), ...tweaks.added },
    body,
  };
}

/** An answer: status, headers, `__type` of an error or '', and all fields. */
export type Reply = {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly type: string;
  readonly message: string;
  readonly fields: { readonly [name: string]: Json };
};

/** Sends a request and takes its answer. */
export function send(
  port: number,
  { headers, body }: { headers: Headers; body: Buffer },
  options: { readonly method?: string; readonly path?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/' } = options;
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        const fields = (text === '' ? {} : JSON.parse(text)) as Reply['fields'];
        const { __type: type = '', message = '' } = fields;
        const { statusCode: status = 0, headers: given } = response;
        resolve({ status, headers: given, type: String(type), message: String(message), fields });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** An honest call, or one with tweaks. */
export function call(served: Served, operation: string, input: Json = {}, tweaks?: Tweaks): Promise<Reply> {
  return send(served.port, signed(served, operation, input, tweaks));
}

/** A connection that writes `text` and then nothing more. */
export function connection(port: number, text: string | Buffer): Socket {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

/** What a connection gives until it ends, and how long that took in milliseconds. */
export async function untilClosed(socket: Socket): Promise<{ text: string; milliseconds: number }> {
  const began = performance.now();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, milliseconds: performance.now() - began };
}

/** A request as it goes over the wire. */
export function wireText({ headers, body }: { headers: Headers; body: Buffer }): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}
