import { fail } from '../../shared/errors.ts';
import { KMS_OPERATION_NAMES, KMS_REFUSED_NAMES } from '../../shared/kms-operations.ts';
import type { Role } from '../../shared/roles.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { withReauthentication } from '../secrets/reauthentication.ts';
import { withVault } from '../vault/access.ts';
import type { ExplainOptions } from './options.ts';

/** `keys explain KEY --principal P --action A` */
export async function explainAccess(console: Console, key: string, options: ExplainOptions): Promise<void> {
  const { principal, action, context, with: conditions } = options;
  requireAction(action);
  await withVault(console, options, async (vault) => {
    const answer = await vault.call('keys.explain', {
      ...{ key, principal, action },
      ...(context === undefined ? {} : { context }),
      ...(conditions === undefined ? {} : { conditions }),
    });
    console.document(answer);
    console.say(
      `${answer.allowed ? 'Allowed' : 'Denied'}: ${answer.principal} ${answer.action} on ${answer.resource}`,
    );
    console.say(answer.reason);
  });
}

/** A misspelt action would be explained too: "allowed" by whatever allows everything. Throws `Usage`. */
function requireAction(action: string): void {
  const [, name] = /^(?:kms:)?([^:]*)$/i.exec(action) ?? [];
  if (name === undefined) return;
  const known = [...KMS_OPERATION_NAMES, ...KMS_REFUSED_NAMES, 'ReEncryptFrom', 'ReEncryptTo'];
  const asked = name.toLowerCase();
  if (asked !== 'reencrypt' && known.some((each) => each.toLowerCase() === asked)) return;
  throw asked === 'reencrypt' ? fail('reencrypt-asks-twice') : fail('no-such-action', { action });
}

/** `keys reset-policy KEY` */
export async function resetPolicy(console: Console, key: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, (vault) =>
    withReauthentication(console, options, async (credential) => {
      const answer = await vault.call('keys.resetPolicy', { key, credential });
      console.document(answer);
      console.say(
        'The default policy holds again: whoever has a policy of their own that allows it may use the key.',
      );
    }),
  );
}

/** `step-down ROLE` */
export async function stepDown(console: Console, role: Role, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { owner } = await vault.call('vault.status', {});
    const { logged } = await vault.call('vault.stepDown', { role });
    console.document({ role, logged });
    console.say(`Window and command now do no more than the ${role} may.`);
    if (!logged) {
      console.note(
        "The log can't be written now. The entry on this waits in memory until it can: keyward status",
      );
    }
    // A command that holds the vault for its own life takes the role with it.
    if (owner?.kind === 'command') {
      console.note(
        'The vault was locked before this command, so this ends with it. Run "keyward unlock" first.',
      );
    }
  });
}

/** `step-up` */
export async function stepUp(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, (vault) =>
    withReauthentication(console, options, async (credential) => {
      await vault.call('vault.stepUp', { credential });
      console.document({ role: null });
      console.say('Window and command may do everything again.');
    }),
  );
}
