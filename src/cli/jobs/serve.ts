import { PassThrough, Writable } from 'node:stream';
import { listening } from '../../shared/endpoint-contract.ts';
import { endpointEnvironment } from '../../shared/endpoint-environment.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { withVault } from '../vault/access.ts';
import type { ServeOptions } from './options.ts';

/** `serve`: the endpoint, until Ctrl-C or a signal to end, which is no failure; or until the vault is locked. */
export async function serve(console: Console, options: ServeOptions): Promise<void> {
  const input = new PassThrough();
  if (console.signal.aborted) input.end();
  console.signal.addEventListener('abort', () => input.end(), { once: true });
  let serving = false;
  const output = firstLine((line) => {
    serving = true;
    announce(console, line);
  });
  try {
    await withVault(console, options, async (vault) => {
      const { endpoint } = await vault.call('vault.status', {});
      if (endpoint !== undefined) throw alreadyServing(endpoint.url);
      const how = { port: options.port ?? 0, unsigned: options.unsignedTestMode === true };
      // The end of the input asks for a stop; a cancelled call would be cut off.
      await vault.call('endpoint.serve', how, {
        signal: new AbortController().signal,
        streams: { input, output },
      });
    });
  } catch (error) {
    if (!serving || !isKeywardError(error, 'Cancelled', 'OwnerUnreachable', 'VaultLocked')) throw error;
    if (!console.signal.aborted) throw ended(error);
  }
}

function announce(console: Console, line: string): void {
  const facts = listening.parse(JSON.parse(line));
  console.document(facts, 0);
  const { region, account } = facts;
  console.say(`# AWS KMS for region ${region}, account ${account}; access keys: keyward clients create NAME`);
  for (const words of endpointEnvironment(facts)) console.say(words);
  console.note(console.noteStyle.dim('Stop it with Ctrl-C.'));
}

/** Takes one line. */
function firstLine(take: (line: string) => void): Writable {
  let text = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      if (text.endsWith('\n')) take(text);
      done();
    },
  });
}

function alreadyServing(url: string): KeywardError {
  return fail('endpoint-listens-already', { url });
}

function ended(cause: KeywardError): KeywardError {
  return fail('endpoint-ended', {}, {}, cause);
}
