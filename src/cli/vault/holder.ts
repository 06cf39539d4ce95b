import { closeInheritedDescriptors } from '../../main/disk/inherited-descriptors.ts';
import { claimHome } from '../../main/home/claim.ts';
import { exitProcess } from '../../main/home/exit-process.ts';
import { hasVault, resolveHome } from '../../main/home/paths.ts';
import { HeldVault } from '../../main/owner/held-vault.ts';
import { asKeywardError, fail } from '../../shared/errors.ts';
import { MAX_BYTES } from '../secrets/prompt.ts';
import { unpackCredential } from './handover.ts';

/** How often it is looked whether the vault is still there, in milliseconds. */
const LOOK_EVERY = 2_000;

/**
 * The background owner, in a process of its own: takes the credential from standard input, unlocks, serves
 * until the vault is locked or idle, then ends. It reports once, on standard output: ready, or why not.
 */
export async function holdVault(): Promise<void> {
  const report = (line: unknown) =>
    new Promise<void>((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()));
  let end: () => Promise<void>;
  try {
    closeInheritedDescriptors();
    // A folder that was current must not be kept from being unmounted or removed.
    const home = resolveHome(process.env);
    process.chdir('/');
    end = await serveVault(home);
  } catch (error) {
    await report({ ok: false, error: asKeywardError(error).toBody() });
    exitProcess(1);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end());
  // The unlocking command may be gone by then: it has what it waits for, or nobody does.
  process.stdout.on('error', () => undefined);
  await report({ ok: true, pid: process.pid });
}

/** Unlocks and serves; returns the function that locks and ends the process. */
async function serveVault(home: string): Promise<() => Promise<void>> {
  const bytes = await standardInput();
  const credential = unpackCredential(bytes);
  bytes.fill(0);
  const claim = await claimHome(home);
  if (claim === undefined) {
    throw fail('vault-just-taken');
  }
  try {
    const held = await HeldVault.open(claim, { credential, kind: 'background' });
    const end = async () => {
      await held.close();
      exitProcess(0);
    };
    held.ended.then(end);
    // Whose home was removed can't be told to lock any more.
    const look = setInterval(() => {
      if (hasVault(home)) return;
      clearInterval(look);
      void end();
    }, LOOK_EVERY).unref();
    return end;
  } finally {
    if (credential.kind === 'passphrase') credential.bytes.fill(0);
  }
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES + 1) throw fail('passphrase-too-long');
  }
  const all = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return all;
}
