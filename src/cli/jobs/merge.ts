import type { MergeDifference, MergePlan } from '../../shared/backup-contract.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { phraseFrom } from '../secrets/backup-phrase.ts';
import type { CredentialOptions } from '../secrets/credential.ts';
import { askYes } from '../secrets/prompt.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { BackupRestoreOptions } from './options.ts';
import { changeText } from './union-words.ts';

/** How much of a text that differs is shown, in characters. */
const MAX_SHOWN = 120;

/** `backup restore` where there is a vault: shows what merging the backup comes to, asks, and does it. */
export async function mergeBackup(
  console: Console,
  { from, keys }: { readonly from: string; readonly keys?: readonly string[] },
  options: BackupRestoreOptions,
): Promise<void> {
  const { dryRun = false, yes = false, take = [] } = options;
  if (!dryRun && !yes && !console.canAsk) throw nobodyToAsk();
  const phrase = await phraseFrom(console, options);
  const input = {
    ...{ from, phrase },
    ...(keys === undefined ? {} : { keys: [...keys] }),
    ...(options.formerPhrase === true ? { formerPhrase: true } : {}),
  };
  await withVault(console, credentialOf(options), async (vault) => {
    const plan = await console.withProgress((progress) => vault.call('backup.compare', input, { progress }));
    show(console, plan);
    if (dryRun) {
      console.document({ merged: false, taken: [], ...plan });
      console.say('Nothing was written.');
      return;
    }
    const taken = yes ? take : [...take, ...(await asked(console, plan.differences, take))];
    if (!yes && !(await ask(console, 'Merge this into your vault?'))) {
      throw fail('nothing-was-merged');
    }
    const merged = await console.withProgress((progress) =>
      vault.call('backup.merge', { ...input, plan: plan.plan, take: [...taken] }, { progress }),
    );
    console.document({ merged: true, ...merged });
    console.say(console.style.bold('Merged.'));
    console.say(
      merged.taken.length === 0
        ? 'Where they differed, the vault keeps what it had.'
        : `Taken from the backup: ${merged.taken.map((id) => escapeText(id)).join(', ')}`,
    );
  });
}

/** The phrase is for the backup; a vault that is locked is unlocked by its passphrase, or by the phrase where none is given. */
function credentialOf({ passphraseFile, recoveryFile }: BackupRestoreOptions): CredentialOptions {
  if (passphraseFile !== undefined) return { passphraseFile };
  return recoveryFile === undefined ? {} : { recoveryFile };
}

function ask(console: Console, question: string): Promise<boolean> {
  const { stdin, stderr } = console.around;
  return askYes({ input: stdin, output: stderr }, question, console.signal);
}

async function asked(
  console: Console,
  differences: readonly MergeDifference[],
  known: readonly string[],
): Promise<string[]> {
  const taken: string[] = [];
  for (const one of differences) {
    if (known.includes(one.id)) continue;
    const { kind, name } = one;
    if (await ask(console, `Take the backup's ${kind} of ${escapeText(name)}?`)) taken.push(one.id);
  }
  return taken;
}

function show(console: Console, plan: MergePlan): void {
  const { backup, changes, kept, differences, files, notes, passedOver } = plan;
  console.say(`The backup ${console.path(backup.path)} of ${momentText(backup.created)} brings:`);
  for (const change of changes) console.say(`  ${changeText(change)}`);
  if (files > 0) console.say(`  what it knows of ${countText(files, 'file')}`);
  if (changes.length === 0 && files === 0) console.say('  nothing that the vault has not');
  if (kept.length > 0) console.say('It has, and does not bring back:');
  for (const { kind, name, why } of kept) console.say(`  ${kind} ${escapeText(name)}: ${why}`);
  if (differences.length > 0) console.say('They differ in these; the vault keeps its own unless you say so:');
  const rows = differences.map(({ id, here, there }) => [
    escapeText(id),
    `here: ${cut(here)}`,
    `there: ${cut(there)}`,
  ]);
  for (const line of columns(rows, 300)) console.say(`  ${line}`);
  for (const note of notes) console.note(escapeText(note));
  for (const { path, why } of passedOver)
    console.note(`Passed over: ${console.path(path)}: ${escapeText(why)}`);
}

function cut(text: string | null): string {
  if (text === null) return 'none';
  const line = escapeText(text.replaceAll(/\s+/g, ' '));
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

function nobodyToAsk(): KeywardError {
  return fail('merge-needs-terminal');
}
