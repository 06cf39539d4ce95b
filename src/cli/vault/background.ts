import { spawn } from 'node:child_process';
import { pause } from '../../main/disk/abortable.ts';
import { withUserUmask } from '../../main/disk/umask.ts';
import { claimHolder, ownerAddress } from '../../main/home/owner-record.ts';
import { hasVault, noVault, resolveHome } from '../../main/home/paths.ts';
import { OwnerClient } from '../../main/owner/client.ts';
import type { OwnerKind } from '../../shared/contract-basics.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail, fromErrorBody, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { type CredentialOptions, withCredential } from '../secrets/credential.ts';
import { protectorKinds, stillBusy } from './busy.ts';
import { holderReport, packCredential } from './handover.ts';
import { HOLD_ARGUMENT } from './handover-argument.ts';

/** A background owner has this long to unlock, in milliseconds. */
const READY_LIMIT = 60_000;

/** How long another process may take to come up, or a command that holds the vault to be done. */
const PATIENCE = 30_000;
const PAUSE = 100;

/** A process that has the vault but can't be reached is ended by `lock` after this long, in milliseconds … */
const UNREACHED = 2_000;

/** … and killed where it takes longer than this to end. */
const ASKED = 3_000;

/** Which process holds the vault, and whether it did before. */
type Unlocked = {
  readonly pid: number;
  readonly kind: OwnerKind;
  readonly already: boolean;
};

/**
 * Sees to it that a process holds the unlocked vault beyond this command: finds the window or a background
 * owner, else unlocks one. Throws what unlocking throws, and `OwnerBusy` when a command keeps the vault.
 */
export async function unlockInBackground(console: Console, options: CredentialOptions): Promise<Unlocked> {
  const home = resolveHome(console.around.env);
  const found = await lastingOwner(console, home);
  if (found !== undefined) return { ...found, already: true };
  if (!hasVault(home)) throw noVault(home);
  return withCredential(
    console,
    options,
    () => protectorKinds(home),
    async (credential) => {
      for (const deadline = performance.now() + PATIENCE; ; ) {
        try {
          return {
            pid: await startHolder(home, credential, console.signal),
            kind: 'background',
            already: false,
          };
        } catch (error) {
          if (!isKeywardError(error, 'OwnerBusy') || performance.now() > deadline) throw error;
        }
        await pause(PAUSE, console.signal);
        const other = await lastingOwner(console, home);
        if (other !== undefined) return { ...other, already: true };
      }
    },
  );
}

/** The window or background process that holds the vault; waits for a command that does. */
async function lastingOwner(console: Console, home: string): Promise<Omit<Unlocked, 'already'> | undefined> {
  for (const deadline = performance.now() + PATIENCE; ; ) {
    const client = await OwnerClient.connect(ownerAddress(home), console.signal);
    if (client === undefined) return undefined;
    const { pid, kind } = client.owner;
    client.close();
    if (kind !== 'command') return { pid, kind };
    if (performance.now() > deadline) {
      throw fail('command-at-work', { pid });
    }
    await pause(PAUSE, console.signal);
  }
}

/**
 * Locks the vault wherever it is held; `false` if nobody held it. Waits until its process has let go of it.
 */
export async function lockEverywhere(console: Console): Promise<boolean> {
  const home = resolveHome(console.around.env);
  const { signal } = console;
  // First, because it tells a home that may not be looked into from one without a vault.
  const first = await reachable(home, signal);
  if (first === undefined && !hasVault(home)) throw noVault(home);
  if (first !== undefined && (await isLockedBy(first, signal))) return true;
  let wasHeld = first !== undefined;
  const began = performance.now();
  const { waitForClaim } = await import('../../main/home/claim-wait.ts');
  const { claim, found: isLocked } = await waitForClaim(home, {
    ...{ patience: PATIENCE, signal },
    meanwhile: async () => {
      if (performance.now() > began + UNREACHED) wasHeld = (await endHolder(home, signal)) || wasHeld;
      const client = await reachable(home, signal);
      if (client === undefined) return undefined;
      wasHeld = true;
      return (await isLockedBy(client, signal)) || undefined;
    },
  });
  if (isLocked) return true;
  if (claim === undefined) throw stillBusy(home);
  await claim.release();
  return wasHeld;
}

/** Has the owner lock; `false`: it is too busy to. Throws the error of its answer. */
async function isLockedBy(client: OwnerClient, signal: AbortSignal): Promise<boolean> {
  const answer = await client.call('vault.lock', {}, { signal });
  await Promise.race([client.gone, pause(1_000, signal)]);
  client.close();
  // A connection lost over a lock is a lock: the process ended.
  if (answer.ok || answer.error.code === 'OwnerUnreachable') return true;
  if (answer.error.code !== 'OwnerBusy') throw fromErrorBody(answer.error);
  return false;
}

/** The owner of `home`; `undefined` for one that does not answer or speaks another version's language too. */
async function reachable(home: string, signal: AbortSignal): Promise<OwnerClient | undefined> {
  try {
    return await OwnerClient.connect(ownerAddress(home), signal);
  } catch (error) {
    if (isKeywardError(error, 'OwnerUnreachable') && claimHolder(home) !== undefined) return undefined;
    throw error;
  }
}

/**
 * Ends the process that has the claim on `home`: asks it to, then kills it, and the keys with it. `false` where none is
 * known, or it let go by itself.
 */
async function endHolder(home: string, signal: AbortSignal): Promise<boolean> {
  const pid = claimHolder(home);
  if (pid === undefined) return false;
  for (const how of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, how);
    } catch {
      // It has just ended, or is another user's: then the wait goes on.
    }
    for (let waited = 0; waited < ASKED; waited += PAUSE) {
      if (claimHolder(home) !== pid) return true;
      await pause(PAUSE, signal);
    }
  }
  return false;
}

/** Half the memory for a tree of ten thousand files, in the same time: most of it was garbage waiting for the collector. */
const SMALL_NURSERY = '--max-semi-space-size=4';

/**
 * What the background owner gets of its caller's environment: how to find the user's folders, the session's bus and
 * keychain, and the language. It may outlive the caller for days, with what else stands there.
 */
const PASSED =
  /^(HOME|USER|LOGNAME|PATH|TMPDIR|TZ|LANG|LC_\w+|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DESKTOP_SESSION|GNOME_KEYRING_CONTROL|KDE_\w+|SystemRoot|SystemDrive|windir|TEMP|TMP|APPDATA|LOCALAPPDATA|USERPROFILE|USERNAME|COMSPEC|PATHEXT)$/i;

function environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED.test(name)));
}

/** Starts a background owner and waits until it is ready; returns its process id. Throws its error. */
function startHolder(home: string, credential: Credential, signal: AbortSignal): Promise<number> {
  const entry = process.argv[1] ?? '';
  const child = withUserUmask(() =>
    spawn(process.execPath, [...process.execArgv, SMALL_NURSERY, entry, HOLD_ARGUMENT], {
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
      env: { ...environmentOf(process.env), KEYWARD_HOME: home },
    }),
  );
  return new Promise<number>((resolve, reject) => {
    let said = '';
    const end = (act: () => void) => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      child.stdout.destroy();
      child.unref();
      act();
    };
    const late = setTimeout(() => {
      child.kill();
      end(() => reject(notStarted('it did not get ready in time')));
    }, READY_LIMIT);
    const stop = () => {
      child.kill('SIGKILL');
      end(() => reject(fail('unlock-cancelled')));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('\n')) return;
      const report = reportOf(said);
      if (!report?.success) end(() => reject(notStarted('it said something unexpected')));
      else if (report.data.ok) {
        const { pid } = report.data;
        end(() => resolve(pid));
      } else {
        const { error } = report.data;
        end(() => reject(fromErrorBody(error)));
      }
    });
    child.once('error', (cause) => end(() => reject(notStarted(cause.message))));
    child.once('close', (code) => end(() => reject(notStarted(`it ended at once (${code})`))));
    const packed = packCredential(credential);
    child.stdin.on('error', () => undefined);
    child.stdin.end(packed, () => packed.fill(0));
  });
}

function reportOf(line: string): ReturnType<typeof holderReport.safeParse> | undefined {
  try {
    return holderReport.safeParse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function notStarted(why: string): KeywardError {
  return fail('background-not-started', { why });
}
