/**
 * The KMS endpoint with 8 connections: endpoint.child.ts SECONDS. The load comes from a thread of its own, which
 * signs its request once; equal signatures are taken. Prints one JSON object: calls a second by operation.
 */
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Endpoint } from '../src/main/server/endpoint.ts';
import { CONTEXT, measuredVault } from './kms-vault.ts';
import { signedHeaders } from './signed.ts';
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
    const headers = signedHeaders(endpoint.url, name, body, access, vault.region);
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
