import { fail } from '../../shared/errors.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { askYes } from '../text/ask-yes.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { ForgetOptions } from './options.ts';

/** `partials list` */
export async function listPartials(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { partials } = await vault.call('partials.list', {});
    console.document({ partials });
    if (partials.length === 0) console.say('Nothing that was left unfinished is on record.');
    const rows = partials.map(({ path, createdAt }) => [console.path(path), momentText(createdAt)]);
    for (const line of columns(rows)) console.say(line);
  });
}

/** `partials forget PATH`: once its owner has said that its disk never comes back. */
export async function forgetPartial(console: Console, given: string, options: ForgetOptions): Promise<void> {
  const path = console.absolute(given);
  await withVault(console, options, async (vault) => {
    const { partials } = await vault.call('partials.list', {});
    const [found] = partials.filter((each) => each.path === given || each.path === path);
    if (found === undefined) {
      throw fail('partial-not-on-record', { path });
    }
    await requireYes(console, options);
    const { outcome } = await vault.call('partials.forget', { id: found.id });
    console.document({ path: found.path, outcome });
    console.say(`${console.path(found.path)}: ${OUTCOMES[outcome]}`);
  });
}

const OUTCOMES = {
  removed: 'it was there, and was removed',
  gone: 'it is gone, and off the record',
  forgotten: 'forgotten. If its disk comes back, remove it there yourself',
} as const;

async function requireYes(console: Console, { yes }: ForgetOptions): Promise<void> {
  if (yes === true) return;
  if (!console.canAsk) {
    throw fail('forget-needs-terminal');
  }
  console.note('If the disk comes back, what was left there stays until you remove it; it may be readable.');
  if (!(await askYes(console, 'Is the disk gone for good?'))) throw fail('partial-stays-on-record');
}
