import type { EndpointFacts, Listening } from '../../shared/endpoint-contract.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { aborted } from '../disk/abortable.ts';
import { rootArn, userArn } from '../kms/access/identity.ts';
import type { RefusedSpan } from '../server/refusals.ts';
import type { Call } from './call.ts';
import type { Services } from './services.ts';
import { keepNurserySmall } from './small-heap.ts';

/** The user that unsigned requests come from; it may do all that AWS KMS has. */
const UNSIGNED = 'unsigned-test';

/** How the endpoint is to serve. */
type ServeOptions = { readonly port: number; readonly unsigned: boolean; readonly throwAway: boolean };

/** The KMS endpoint of a session: it serves for as long as one call lasts. */
export class EndpointHost {
  #facts: EndpointFacts | undefined;
  #taken = false;

  /** Where it listens, while it does. */
  get facts(): EndpointFacts | undefined {
    return this.#facts;
  }

  /**
   * Listens, says so as one line of JSON, and serves until the input ends; start and stop are in the log. Throws
   * `AlreadyExistsException` while another call serves, `UnsupportedOperationException` for unsigned requests to a
   * vault that is not a throw-away one, what `Endpoint.listen` throws, and `Cancelled` when it was cancelled.
   */
  async run(
    services: Services,
    options: ServeOptions,
    call: Call,
    streams: NonNullable<Call['streams']>,
  ): Promise<void> {
    if (this.#taken) throw alreadyServing(this.#facts);
    if (options.unsigned && !options.throwAway) throw onlyThrowAway();
    this.#taken = true;
    try {
      await this.#serve(services, options, call, streams);
    } finally {
      this.#taken = false;
      this.#facts = undefined;
    }
    if (call.signal.aborted) throw fail('endpoint-stopped');
  }

  async #serve(
    services: Services,
    { port, unsigned }: ServeOptions,
    { caller, signal }: Call,
    { input, output }: NonNullable<Call['streams']>,
  ): Promise<void> {
    const { kms, vault, clock } = services;
    keepNurserySmall();
    // Loaded here: node:http brings much along that a command which only opens the vault would wait for.
    const { Endpoint } = await import('../server/endpoint.ts');
    const principal = unsigned ? userArn(vault.account, UNSIGNED) : undefined;
    const refused = (span: RefusedSpan) => recordRefused(services, span);
    const endpoint = await Endpoint.listen({ kms, vault, clock, refused, unsigned: principal }, port);
    let isOnRecord = false;
    try {
      const { url } = endpoint;
      this.#facts = { url, since: new Date(clock.now()).toISOString() };
      services.audit.write((tx) =>
        services.audit.append(tx, ownEvent(caller.principal, 'StartEndpoint', { endpoint: url, unsigned })),
      );
      isOnRecord = true;
      const facts: Listening = { endpoint: url, region: vault.region, account: vault.account };
      output.write(`${JSON.stringify(facts)}\n`);
      await Promise.race([endOf(input), aborted(signal)]);
    } finally {
      await endpoint.stop();
      // It stops whether or not that can be written down.
      if (isOnRecord) services.audit.writeOrHold(ownEvent(caller.principal, 'StopEndpoint', {}));
    }
  }
}

/**
 * One entry for all requests that were not let in for a while, in the vault's own name: who asked is not known. What
 * can't be written is passed over, as nothing was done that has to be in the log.
 */
function recordRefused({ audit, vault }: Services, { from, until, kinds, others }: RefusedSpan): void {
  const all = kinds.reduce((sum, { count }) => sum + count, others);
  const [first] = kinds;
  try {
    const request = {
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      refused: kinds.map(({ code, principal, count }) => ({
        ...{ errorCode: code, count },
        ...(principal === undefined ? {} : { accessKeyOf: principal }),
      })),
      ...(others === 0 ? {} : { others }),
    };
    const refusal = {
      ...(first === undefined ? {} : { errorCode: first.code }),
      errorMessage: `The endpoint did not let in ${all === 1 ? 'a request' : `${all} requests`}.`,
    };
    audit.writeOrHold(ownEvent(rootArn(vault.account), 'UseEndpoint', request, refusal));
  } catch (error) {
    if (!isKeywardError(error)) throw error;
  }
}

/** Resolves when the input ends, or breaks off with who sent it. */
async function endOf(input: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of input);
  } catch {
    // The client is gone, and its endpoint goes with it.
  }
}

function alreadyServing(facts: EndpointFacts | undefined): KeywardError {
  return facts === undefined
    ? fail('endpoint-begins-already')
    : fail('endpoint-listens-already', { url: facts.url });
}

function onlyThrowAway(): KeywardError {
  return fail('unsigned-needs-throw-away');
}
