import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { asKeywardError, awsError, type ErrorCode, type KeywardError } from '../../shared/errors.ts';
import { dispatch } from '../kms/dispatch.ts';
import type { KeyService } from '../kms/service.ts';
import type { Caller, KeyVault } from '../kms/types.ts';
import { claimOf } from './authenticate.ts';
import { accessKeyIdOf, type Header, only } from './authorization.ts';
import type { BodyBudget } from './body-budget.ts';
import { MAX_BODY_BYTES, refusalOf, tooLarge } from './guard.ts';
import type { Refused, RefusedSpan } from './refusals.ts';
import { errorAnswer, fieldsOf, operationOf } from './wire.ts';

/** How much of a client's User-Agent is passed on, in characters. */
const MAX_AGENT = 1_024;

/** What the endpoint stands on. */
export type EndpointDeps = {
  readonly kms: KeyService;
  readonly vault: KeyVault;
  readonly clock: Clock;
  /** Takes requests without looking at their signatures, as this principal; for tests of other software. */
  readonly unsigned?: string | undefined;
  /** Is told of requests that were not let in, at most once a minute. Must not throw. */
  readonly refused?: ((span: RefusedSpan) => void) | undefined;
};

/** What is said to whom nobody knows. */
const NOT_LET_IN: readonly ErrorCode[] = [
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
];

/**
 * An answer: HTTP status and the JSON of its body. `last`: the connection ends with it; `refused`: the request was
 * not let in.
 */
export type HttpAnswer = {
  readonly status: number;
  readonly body: string;
  readonly last?: true;
  readonly refused?: Refused;
};

/** The headers of a request as they came, none joined and none left out. */
function headersOf({ rawHeaders }: IncomingMessage): Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return headers;
}

/** Whether a request may go on at all; `undefined`: it may. */
export function refusedOutright(request: IncomingMessage, port: number): HttpAnswer | undefined {
  const { method = '', url: target = '' } = request;
  const refusal = refusalOf({ method, target, headers: headersOf(request) }, port);
  if (refusal === undefined) return undefined;
  const { status, error } = refusal;
  const refused = status === 403 || NOT_LET_IN.includes(error.code) ? { refused: { code: error.code } } : {};
  return { status, body: errorAnswer(error).body, last: true, ...refused };
}

/**
 * Answers a request that was not refused outright: who it is from, by its headers; its body; the signature over
 * both; the operation. `requestId` goes into the log. Never throws. `stop` ends the wait for a body and for room in
 * `bodies` to read it.
 */
export async function answerTo(
  deps: EndpointDeps,
  request: IncomingMessage,
  requestId: string,
  { stop, bodies }: { readonly stop: AbortSignal; readonly bodies: BodyBudget },
): Promise<HttpAnswer> {
  let read = false;
  let giveBack: () => void = () => undefined;
  try {
    const headers = headersOf(request);
    const { region } = deps.vault;
    const claim =
      deps.unsigned === undefined
        ? claimOf(headers, { region, now: deps.clock.now() }, deps.kms.clients)
        : { principal: deps.unsigned, verify: () => undefined };
    giveBack = await roomFor(request, bodies, stop);
    const body = await bodyOf(request, stop);
    if (body === undefined) return { ...tooLarge(), body: errorAnswer(tooLarge().error).body, last: true };
    read = true;
    claim.verify(body);
    const operation = operationOf(only(headers, 'x-amz-target'));
    const caller = callerOf(claim.principal, requestId, request);
    return { status: 200, body: JSON.stringify(await dispatch(deps.kms, caller, operation, fieldsOf(body))) };
  } catch (error) {
    const failure = asKeywardError(error);
    const refused = NOT_LET_IN.includes(failure.code) ? { refused: refusedOf(deps, request, failure) } : {};
    return { ...errorAnswer(failure), ...(read ? {} : { last: true }), ...refused };
  } finally {
    giveBack();
  }
}

/** Why a request was not let in, and whose access key it named. Never throws. */
function refusedOf({ kms }: EndpointDeps, request: IncomingMessage, { code }: KeywardError): Refused {
  const accessKeyId = accessKeyIdOf(headersOf(request));
  try {
    const principal = accessKeyId === undefined ? undefined : kms.clients.principalOf(accessKeyId);
    return { code, ...(principal === undefined ? {} : { principal }) };
  } catch {
    // A row that can't be read is told to who is let in by it.
    return { code };
  }
}

function callerOf(principal: string, requestId: string, { socket, headers }: IncomingMessage): Caller {
  const userAgent = headers['user-agent']?.slice(0, MAX_AGENT);
  return {
    ...{ principal, client: 'sdk', requestId, sourceIp: socket.remoteAddress ?? '127.0.0.1' },
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

/** The error for who asks while the vault is being locked or the endpoint stopped. */
export function stopping(): KeywardError {
  return awsError(
    'KeyUnavailableException',
    'The vault was locked, or its endpoint stopped. Unlock it and run: keyward serve',
  );
}

/** Room for the body, of whose length only its header tells. Throws `KeyUnavailableException` when `stop` comes first. */
async function roomFor(request: IncomingMessage, bodies: BodyBudget, stop: AbortSignal): Promise<() => void> {
  const ended = new AbortController();
  const end = () => ended.abort(stopping());
  stop.addEventListener('abort', end, { once: true });
  request.once('close', end);
  if (stop.aborted || request.destroyed) end();
  try {
    return await bodies.take(Number(request.headers['content-length'] ?? MAX_BODY_BYTES), ended.signal);
  } finally {
    stop.removeEventListener('abort', end);
    request.off('close', end);
  }
}

/** The body; `undefined` if it is too large. Throws `KeyUnavailableException` when `stop` comes first. */
async function bodyOf(request: IncomingMessage, stop: AbortSignal): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const stopped = () => reject(stopping());
    stop.addEventListener('abort', stopped, { once: true });
    request.once('close', () => stop.removeEventListener('abort', stopped));
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}
