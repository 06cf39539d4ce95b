import { hasVault, noVault, resolveHome } from '../../main/home/paths.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import type { RepairAction, RepairPlan } from '../../shared/repair-contract.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { withCredential } from '../secrets/credential.ts';
import { askYes } from '../text/ask-yes.ts';
import { columns, momentText } from '../text/columns.ts';
import { claimHomeForRepair } from '../vault/claim-new-home.ts';
import type { RepairOptions } from './options.ts';

/** How many rows are named before the question is asked; `--dry-run` and `--json` name all. */
const MAX_SHOWN = 30;

/** `repair`: a damaged vault is made whole from what holds of it, once its owner has seen what that means. */
export async function repair(console: Console, options: RepairOptions): Promise<void> {
  const home = resolveHome(console.around.env);
  if (!hasVault(home)) throw noVault(home);
  if (options.from !== undefined && options.recoveryFile === undefined) {
    throw fail('repair-rows-need-phrase');
  }
  if (options.yes !== true && options.dryRun !== true && !console.canAsk) {
    throw fail('repair-needs-terminal');
  }
  const { openRepair } = await import('../../main/api/index.ts');
  await withCredential(
    console,
    options,
    async () => [],
    async (credential) => {
      const claim = await claimHomeForRepair(home, console.signal);
      try {
        const found = await openRepair(claim, {
          credential: personal(credential),
          ...(options.from === undefined ? {} : { from: console.absolute(options.from) }),
        });
        if (found === undefined) return tellWhole(console, home);
        try {
          await carriedOut(console, found, options);
        } finally {
          found.end();
        }
      } finally {
        await claim.release();
      }
    },
  );
}

type Repair = NonNullable<Awaited<ReturnType<typeof import('../../main/api/index.ts')['openRepair']>>>;

async function carriedOut(console: Console, found: Repair, options: RepairOptions): Promise<void> {
  tellPlan(console, found.plan, options.dryRun === true);
  if (options.dryRun === true) {
    console.document({ state: 'planned', plan: found.plan });
    console.say('Nothing was changed. To do it: keyward repair');
    return;
  }
  if (options.yes !== true && !(await askYes(console, 'Repair the vault like this?'))) {
    throw fail('repair-declined');
  }
  const { plan, aside } = await console.withProgress((tell) => found.apply(console.signal, tell));
  console.document({ state: 'repaired', plan, aside: [...aside] });
  console.say(console.style.bold('The vault is repaired, checked whole, and opens as ever.'));
  for (const path of aside) console.say(`The damaged file is now ${console.path(path)}`);
  console.say('Keep it until you have seen that nothing is missing. Next: keyward doctor');
}

function tellWhole(console: Console, home: string): void {
  console.document({ state: 'whole' });
  console.say(`Every row of the vault at ${console.path(home)} holds: there is nothing to repair.`);
}

const WORDS: { readonly [A in RepairAction]: string } = {
  'from-second-file': 'second file',
  'from-backup': 'backup',
  'made-anew': 'made anew',
  default: 'default',
  kept: 'kept',
  disabled: 'disabled',
  'owner-only': 'owner only',
  revoked: 'revoked',
  dropped: 'dropped',
  lost: 'LOST',
};

function tellPlan(console: Console, plan: RepairPlan, isAll: boolean): void {
  const { steps, damage, log, backup, notes } = plan;
  console.say(escapeText(damage));
  console.say();
  console.say(console.style.bold('What a repair does'));
  const shown = isAll ? steps : steps.slice(0, MAX_SHOWN);
  for (const { row, action, message } of shown) {
    console.say(`  ${WORDS[action].padEnd(12)} ${escapeText(row)}`);
    console.say(console.style.dim(`  ${''.padEnd(12)} ${escapeText(message)}`));
  }
  if (steps.length > shown.length) {
    const rest = countText(steps.length - shown.length, 'more row');
    console.say(`  and ${rest}; see all with: keyward repair --dry-run`);
  }
  if (steps.length === 0)
    console.say('  Every row holds as it stands; the file that they are in is made anew.');
  console.say();
  const rows = [
    ['Then there are', `${countText(plan.keys, 'key')}, ${countText(plan.files, 'file')} known`],
    ['Log', log.message],
    [
      'Compared with',
      backup === undefined ? 'no backup' : `${console.path(backup.path)} of ${momentText(backup.created)}`,
    ],
  ];
  for (const line of columns(rows, 200)) console.say(`  ${line}`);
  for (const note of notes) console.note(escapeText(note));
  console.say('  The damaged files are moved aside, and none is removed.');
  console.say();
}

/** A keychain opens nothing for a repair; none is offered. */
function personal(credential: Credential): Exclude<Credential, { kind: 'keychain' }> {
  if (credential.kind !== 'keychain') return credential;
  throw fail('repair-takes-personal-way');
}
