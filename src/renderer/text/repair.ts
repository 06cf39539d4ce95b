import type { PagePlan } from '../../shared/bridge.ts';
import { countText } from '../../shared/measures.ts';
import { keyOf, type NameOf, namesOf, partName, partOf } from './vault-parts.ts';

type Step = PagePlan['steps'][number];

/** What becomes of one thing: a key with all that is about it, or a part of its own. */
export type RepairItem = { readonly id: string; readonly title: string; readonly lines: readonly string[] };

/** A plan as it is shown: what is to be looked at afterwards, and what comes back as it was. */
type PlanText = {
  readonly lost: readonly RepairItem[];
  readonly changed: readonly RepairItem[];
  readonly whole: readonly string[];
};

const WHOLE: readonly Step['action'][] = ['from-second-file', 'from-backup'];

/** A plan in words for people. */
export function planText({ steps, names }: Pick<PagePlan, 'steps' | 'names'>): PlanText {
  const nameOf = namesOf(names);
  const told = steps.filter(({ action }) => !WHOLE.includes(action));
  const lost = new Set(
    told.filter(({ action, row }) => action === 'lost' && SERIOUS.includes(partOf(row).room)).map(groupOf),
  );
  const items = grouped(told, nameOf);
  return {
    lost: items.filter(({ id }) => lost.has(id)),
    changed: items.filter(({ id }) => !lost.has(id)),
    whole: wholeText(steps),
  };
}

/** What nobody gets back from the vault itself. */
const SERIOUS: readonly string[] = ['keys', 'key-versions'];

function groupOf({ row }: Step): string {
  const key = keyOf(row);
  return key === undefined ? row : `keys/${key}`;
}

function grouped(steps: readonly Step[], nameOf: NameOf): RepairItem[] {
  const groups = new Map<string, string[]>();
  for (const step of steps) {
    const line = lineOf(step);
    const known = groups.get(groupOf(step));
    if (known === undefined) groups.set(groupOf(step), [line]);
    else if (!known.includes(line)) known.push(line);
  }
  return [...groups].map(([id, lines]) => ({ id, title: partName(id, nameOf), lines }));
}

/** What becomes of a row, in a sentence that the name of its group stands before. */
function lineOf({ row, action }: Step): string {
  const { room } = partOf(row);
  const line = LINES[`${room} ${action}`] ?? LINES[action];
  return line ?? 'It is begun anew.';
}

const LINES: { readonly [roomAndAction: string]: string } = {
  'keys disabled':
    'It comes back switched off, since nothing proves that it was not switched off before. Files under it open again when you switch it on, under Keys.',
  'keys dropped': 'It was destroyed on purpose, and stays so.',
  'keys lost': 'It is lost. Files under it can’t be opened here; an older backup may have it.',
  'key-versions disabled': 'One of its versions comes back switched off; look at it under Keys.',
  'key-versions lost':
    'One of its versions is lost. Files under that version can’t be opened here; an older backup may have it.',
  'key-policies owner-only': 'You alone may use it, until you say who else may.',
  'grants dropped': 'A permission that somebody had for it is taken back. Give it again if it should stand.',
  'shredded-keys made-anew': 'It was destroyed on purpose, and stays so.',
  'message-key-uses made-anew': 'It gets a new version when it is next used for messages of AWS.',
  'aliases lost': 'The name is lost. The key is there, and can be named anew.',
  'aliases dropped': 'Nothing proves which key it named last, so it names none. Give it anew under Keys.',
  'aliases kept': 'Nothing proves that it still named this key. Look whether it is right.',
  'clients revoked':
    'Its access is taken back, since nothing proves that it still had it. Make a new one in Settings if it should go on.',
  'clients lost': 'It is gone, and what it has opens nothing.',
  'settings default': 'It goes back to what Keyward begins with.',
  'protectors lost': 'It is gone. Add it anew under Recovery.',
  'protectors dropped':
    'Nothing proves that it still stood, so it is taken away. Add it anew under Recovery.',
  'protectors kept':
    'Nothing proves that it was not taken away before. Look under Recovery whether it should stand.',
  'recovery-recipients lost': 'No backup is made until the recovery phrase has unlocked the vault once.',
  'recovery-recipients dropped': 'No backup is made until the recovery phrase has unlocked the vault once.',
  'device lost': 'It becomes one of its own once the recovery phrase has unlocked the vault.',
  'former-uses kept': 'It may not be the newest. Nobody can do more by it.',
  kept: 'It may not be the newest. Nobody can do more by it.',
  lost: 'It is lost. No file is affected.',
  dropped: 'It is left out, since nothing proves that it still stood. No file is affected.',
  revoked: 'What it allowed is taken back.',
  default: 'It goes back to what Keyward begins with.',
};

function wholeText(steps: readonly Step[]): string[] {
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  const [second, backup] = [count('from-second-file'), count('from-backup')];
  return [
    ...(second === 0 ? [] : [`${countText(second, 'part')} from the vault’s second file`]),
    ...(backup === 0 ? [] : [`${countText(backup, 'part')} from the backup`]),
  ];
}
