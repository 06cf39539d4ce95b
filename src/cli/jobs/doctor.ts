import { ownerAddress } from '../../main/home/owner-record.ts';
import { hasVault, noVault, resolveHome } from '../../main/home/paths.ts';
import { OwnerClient } from '../../main/owner/client.ts';
import { findingStep } from '../../messages/finding-steps.ts';
import type { HealthFinding } from '../../shared/findings.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { fromEnvironment } from '../secrets/credential.ts';
import { recoveryText } from '../text/backup-text.ts';
import { noteText } from '../text/error-text.ts';
import { withVault } from '../vault/access.ts';
import type { DoctorOptions } from './options.ts';

/** `doctor`: what is found on the vault and around it, and what to do. It asks for nothing: of a locked vault, what can be known. */
export async function doctor(console: Console, options: DoctorOptions): Promise<void> {
  const home = resolveHome(console.around.env);
  if (!hasVault(home)) throw noVault(home);
  const full = options.full === true;
  if (await isReachable(console, home, options)) {
    await withVault(console, options, async (vault) => {
      const found = await console.withProgress((progress) =>
        vault.call('health.check', { full }, { progress }),
      );
      const { backups } = await vault.call('vault.status', {});
      tell(console, { home, unlocked: true, full, findings: found.findings });
      if (backups !== undefined) console.say(recoveryText(backups, (path) => console.path(path)));
    });
    return;
  }
  const { lockedHealth } = await import('../../main/api/without-session.ts');
  tell(console, { home, unlocked: false, full: false, findings: await lockedHealth(home) });
}

/** Whether somebody holds the vault, or the way in is named. */
async function isReachable(console: Console, home: string, options: DoctorOptions): Promise<boolean> {
  if (options.passphraseFile !== undefined || options.recoveryFile !== undefined) return true;
  if (options.full === true || fromEnvironment(console) !== undefined) return true;
  const client = await OwnerClient.connect(ownerAddress(home), console.signal);
  client?.close();
  return client !== undefined;
}

type Report = {
  readonly home: string;
  readonly unlocked: boolean;
  readonly full: boolean;
  readonly findings: readonly HealthFinding[];
};

const MARKS = { damage: 'DAMAGE', warning: 'To do', note: 'Note' } as const;

function tell(console: Console, report: Report): void {
  const { home, unlocked, full, findings } = report;
  const count = (level: HealthFinding['level']) => findings.filter((each) => each.level === level).length;
  const [damage, warnings] = [count('damage'), count('warning')];
  if (damage > 0) console.raise('VaultDamaged');
  else if (warnings > 0) console.raiseFound();
  const withSteps = findings.map((each) => ({ ...each, next: findingStep(each.kind) }));
  console.document({ ...report, findings: withSteps });
  for (const finding of withSteps) {
    const { level, next } = finding;
    const mark = MARKS[level].padEnd(7);
    console.say(`${level === 'damage' ? console.style.bad(mark) : mark} ${noteText(finding)}`);
    console.say(console.style.dim(`        Next: ${escapeText(next)}`));
  }
  if (findings.length > 0) console.say();
  const looked = full
    ? 'Every row and every entry of the log was checked.'
    : 'Rows and log were not read whole; for that: keyward doctor --full';
  const verdict =
    damage + warnings === 0
      ? `Nothing is to be done for the vault at ${console.path(home)}.`
      : `${countText(damage + warnings, 'finding')} on the vault at ${console.path(home)}.`;
  console.say(verdict);
  console.say(
    unlocked
      ? looked
      : 'The vault is locked, so this is what can be known without a key. Unlock it and run this again for the rest.',
  );
}
