/**
 * The KMS endpoint with 8 connections: endpoint.child.ts SECONDS. The load comes from a thread of its own, which
 * signs its request once; equal signatures are taken. Prints one JSON object: calls a second by operation.
 */
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Endpoint } from '../src/main/server/endpoint.ts';
import {
  bodyHashOf,
  canonicalRequest,
  scopeText,
  signatureOf,
  stringToSign,
} from '../src/main/server/sigv4.ts';
import { CONTEXT, measuredVault } from './kms-vault.ts';
import { perSecond } from './time.ts';

const CONNECTIONS = 8;

type Load = {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly seconds: number;
};

if (isMainThread) await serve(Number(process.argv[2] ?? 2));
else parentPort?.postMessage(await load(workerData as Load));

async function serve(seconds: number): Promise<void> {
  const made = await measuredVault(100);
  const { kms, vault, access, client, KeyId } = made;
  const endpoint = await Endpoint.listen({ kms, vault, clock: { now: () => Date.now() } }, 0);
  const Plaintext = Buffer.alloc(32, 1);
  const { CiphertextBlob } = await kms.Encrypt(client, { KeyId, Plaintext, EncryptionContext: CONTEXT });
  const blob = CiphertextBlob.toString('base64');
  const calls = {
    Encrypt: { KeyId, Plaintext: Plaintext.toString('base64'), EncryptionContext: CONTEXT },
    Decrypt: { CiphertextBlob: blob, EncryptionContext: CONTEXT },
    GenerateDataKey: { KeyId, KeySpec: 'AES_256', EncryptionContext: CONTEXT },
  };
  const answer: { [name: string]: number } = {};
  for (const [name, input] of Object.entries(calls)) {
    const body = JSON.stringify(input);
    const headers = signed(endpoint.url, name, body, access, vault.region);
    answer[name] = await fromThread({ url: endpoint.url, headers, body, seconds });
  }
  console.log(JSON.stringify(answer));
  await endpoint.stop();
  made.end();
}

function fromThread(workerData: Load): Promise<number> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData });
    thread.once('message', (rate: number) => resolve(rate));
    thread.once('error', reject);
  });
}

function signed(
  url: string,
  operation: string,
  body: string,
  { accessKeyId, secretAccessKey }: { readonly accessKeyId: string; readonly secretAccessKey: string },
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

/** Calls a second that were answered with 200; any other answer is an error. */
async function load({ url, headers, body, seconds }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const call = () =>
    new Promise<void>((resolve, reject) => {
      const length = String(Buffer.byteLength(body));
      const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': length } });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
        answer.resume();
        answer.once('end', resolve);
      });
      sent.end(body);
    });
  const rate = await perSecond(call, CONNECTIONS, seconds);
  agent.destroy();
  return rate;
}
