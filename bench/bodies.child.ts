/**
 * Load on a KMS endpoint that runs elsewhere: bodies.child.ts, with a `BodiesLoad` as JSON on standard input. Every
 * connection asks anew as soon as it has its answer. Prints one JSON object: how often each status came; a
 * connection that broke counts as status 0.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type AccessKey, signedHeaders } from './signed.ts';

/** The requests: number of connections, duration in seconds, body size in bytes. */
export type BodiesLoad = {
  readonly url: string;
  readonly region: string;
  readonly key: AccessKey;
  readonly bytes: number;
  /** They ask for what is refused once it was read. */
  readonly refused: boolean;
  readonly connections: number;
  readonly seconds: number;
};

const given = JSON.parse(await text(process.stdin)) as BodiesLoad;
const { url, region, key, bytes, refused, connections, seconds } = given;
// What AWS does not know is passed over, but read, hashed and parsed like all else; what is too long is refused.
const fields = { KeyId: 'alias/my-files', NumberOfBytes: 32, Unknown: '' };
const long = 'x'.repeat(Math.max(0, bytes - JSON.stringify(fields).length));
const body = JSON.stringify(refused ? { ...fields, KeyId: long } : { ...fields, Unknown: long });
const headers = signedHeaders(url, 'GenerateDataKey', body, key, region);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const statuses: { [status: string]: number } = {};
const end = performance.now() + seconds * 1_000;

const call = () =>
  new Promise<number>((resolve) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': body.length },
    });
    sent.once('error', () => resolve(0));
    sent.once('response', (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', () => resolve(0));
    });
    sent.end(body);
  });

const line = async () => {
  while (performance.now() < end) {
    const status = await call();
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
};
await Promise.all(Array.from({ length: connections }, line));
console.log(JSON.stringify(statuses));
agent.destroy();
