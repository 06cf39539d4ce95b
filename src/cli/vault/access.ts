import { type CallOptions, contextOf } from '../../main/api/call-context.ts';
import { aborted, pause } from '../../main/disk/abortable.ts';
import { ownerAddress } from '../../main/home/owner-record.ts';
import { hasVault, noVault, resolveHome } from '../../main/home/paths.ts';
import { OwnerClient } from '../../main/owner/client.ts';
import type { HeldVault } from '../../main/owner/held-vault.ts';
import type { Answer, Input, Method } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { fromErrorBody } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import type { Role } from '../../shared/roles.ts';
import type { Console } from '../console.ts';
import { type CredentialOptions, withCredential } from '../secrets/credential.ts';
import { noteText } from '../text/error-text.ts';
import { protectorKinds, stillBusy } from './busy.ts';
import type { Vault } from './vault.ts';

/** How long another process may take to come up or to go away, in milliseconds. */
const PATIENCE = 15_000;
const PAUSE = 50;

/** A wait for others is mentioned after this long, in milliseconds. */
const MENTION_AFTER = 1_000;

type VaultConnection = {
  /** Another process holds the vault; it may end between two requests. */
  readonly others: boolean;
  call<M extends Method>(method: M, input: Input<M>, options: CallOptions): Promise<Answer<M>>;
  close(): Promise<void>;
};

/**
 * Runs `work` with the unlocked vault: over the socket of the process that holds it, else holding it here for
 * the life of this command and serving others meanwhile. Throws `VaultNotFound`, `VaultLocked`, what unlocking
 * throws, and what `work` throws.
 */
export async function withVault<T>(
  console: Console,
  options: CredentialOptions & { readonly as?: Role },
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const home = resolveHome(console.around.env);
  const enter = () => enterVault(console, home, options);
  let connection = await enter();
  const deadline = performance.now() + PATIENCE;
  const vault: Vault = {
    call: async (method, input, callOptions = {}) => {
      for (;;) {
        const answer = await connection.call(method, input, {
          signal: console.signal,
          ...(options.as === undefined ? {} : { as: options.as }),
          ...callOptions,
        });
        if (answer.ok) return answer.value;
        // The request was not begun: whoever held the vault has ended or is just about to.
        if (answer.error.code !== 'OwnerBusy' || performance.now() > deadline)
          throw fromErrorBody(answer.error);
        await connection.close();
        await pause(PAUSE, console.signal);
        connection = await enter();
      }
    },
  };
  try {
    return await work(vault);
  } finally {
    await connection.close();
  }
}

/** The way to the process that holds the vault, or in by this process itself. */
async function enterVault(
  console: Console,
  home: string,
  options: CredentialOptions,
): Promise<VaultConnection> {
  const client = await OwnerClient.connect(ownerAddress(home), console.signal);
  if (client !== undefined) {
    await tellRescueOf(console, client);
    return connectionOf(client);
  }
  if (!hasVault(home)) throw noVault(home);
  return withCredential(
    console,
    options,
    () => protectorKinds(home),
    (credential) => enterWith(console, home, credential),
  );
}

async function enterWith(console: Console, home: string, credential: Credential): Promise<VaultConnection> {
  const { waitForClaim } = await import('../../main/home/claim-wait.ts');
  const { HeldVault } = await import('../../main/owner/held-vault.ts');
  const { signal } = console;
  const { claim, found } = await waitForClaim(home, {
    ...{ patience: PATIENCE, signal },
    meanwhile: () => OwnerClient.connect(ownerAddress(home), signal),
  });
  if (claim === undefined) {
    if (found === undefined) throw stillBusy(home);
    return connectionOf(found);
  }
  const held = await HeldVault.open(claim, { credential, kind: 'command' });
  tellRescue(console, held.session.rescue ?? []);
  for (const warning of held.session.warnings) console.note(noteText(warning));
  return ownConnection(console, held);
}

/** How many findings of a rescue each command prints; "keyward status" prints all of them. */
const MAX_NOTES = 6;

/** Tells on standard error that a vault is open for rescue, and what does not hold. */
export function tellRescue(console: Console, told: readonly Finding[]): void {
  if (told.length > 0) console.isRescue = true;
  for (const each of told.slice(0, MAX_NOTES)) console.note(noteText(each));
  const rest = told.length - MAX_NOTES;
  if (rest > 0) console.note(`${rest} more: keep the vault unlocked and see keyward status`);
}

/** As `tellRescue`, of the vault that another process holds; what is told of in full there is not told again. */
async function tellRescueOf(console: Console, client: OwnerClient): Promise<void> {
  const answer = await client.call('vault.status', {}, { signal: console.signal });
  if (!answer.ok || answer.value.rescue !== true) return;
  tellRescue(console, (answer.value.findings ?? []).slice(0, 1));
}

function connectionOf(client: OwnerClient): VaultConnection {
  return {
    others: true,
    call: (method, input, options) => client.call(method, input, options),
    close: async () => client.close(),
  };
}

/** This process holds the vault: its own requests go straight to the session, those of others by the socket. */
function ownConnection(console: Console, held: HeldVault): VaultConnection {
  return {
    others: false,
    call: (method, input, options) =>
      held.session.call(method, input, contextOf('cli', { signal: console.signal, ...options })),
    close: async () => {
      await othersDone(console, held);
      await held.close();
    },
  };
}

/** Waits for what other commands do in this process; Ctrl-C ends the wait. */
async function othersDone(console: Console, held: HeldVault): Promise<void> {
  const mention = setTimeout(() => {
    console.note('Done. Another command is still using the vault through this one; waiting for it.');
  }, MENTION_AFTER);
  await Promise.race([held.drain(), aborted(console.signal)]);
  clearTimeout(mention);
}
