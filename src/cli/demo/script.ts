import { numbersFrom, type SampleFile } from '../sample-data/sample-files.ts';

const DAY = 86_400_000;

/** A key of the demo: when it is made and rotated (months from the start), and for how many files it is used. */
type DemoKey = {
  readonly alias: string;
  readonly description: string;
  readonly born: number;
  readonly rotations: readonly number[];
  readonly files: number;
  readonly folder: string;
  readonly names: readonly string[];
  readonly ending: string;
};

/** Months that the demo's life spans. */
export const MONTHS = 14;

/** The six keys; the first one is made with the vault. Their files add up to 214. */
export const KEYS: readonly DemoKey[] = [
  {
    alias: 'alias/my-files',
    description: 'For files',
    born: 0,
    rotations: [3, 6, 9, 12],
    files: 48,
    folder: 'Personal',
    names: ['Passport', 'Tenancy agreement', 'Tax return', 'Insurance policy', 'Bank statement', 'Letter'],
    ending: 'pdf',
  },
  {
    alias: 'alias/clients',
    description: 'Matters of clients, one context each',
    born: 0,
    rotations: [2, 4, 6, 8, 10, 12],
    files: 62,
    folder: 'Clients',
    names: ['Contract', 'Power of attorney', 'Statement of claim', 'Exhibit', 'Settlement', 'Memo'],
    ending: 'docx',
  },
  {
    alias: 'alias/patients',
    description: 'Findings and referrals',
    born: 1,
    rotations: [4, 7, 10, 13],
    files: 41,
    folder: 'Patients',
    names: ['Referral', 'Blood count', 'X-ray', 'Discharge letter', 'Therapy plan'],
    ending: 'pdf',
  },
  {
    alias: 'alias/invoices',
    description: 'Books of the practice',
    born: 2,
    rotations: [8],
    files: 36,
    folder: 'Invoices',
    names: ['Invoice', 'Receipt', 'Credit note', 'Reminder'],
    ending: 'xlsx',
  },
  {
    alias: 'alias/photos',
    description: 'Family photos',
    born: 5,
    rotations: [11],
    files: 19,
    folder: 'Photos',
    names: ['Summer', 'Birthday', 'Garden', 'Harbour'],
    ending: 'jpg',
  },
  {
    alias: 'alias/old-practice',
    description: 'Closed practice, kept for the retention period',
    born: 0,
    rotations: [],
    files: 8,
    folder: 'Old practice',
    names: ['Ledger', 'Minutes'],
    ending: 'pdf',
  },
];

/** What happens at one moment: the vault is opened for the day, and a key is made, rotated, used or stopped. */
export type DemoEvent = {
  readonly at: number;
} & (
  | { readonly do: 'create' | 'rotate' | 'disable'; readonly key: DemoKey }
  | { readonly do: 'encrypt'; readonly key: DemoKey; readonly paper: SampleFile }
);

/** The whole life in order, ending a day before `now` (ms since 1970). */
export function demoScript(now: number): DemoEvent[] {
  const next = numbersFrom(214);
  const start = now - MONTHS * 30 * DAY - DAY;
  const month = (count: number) => start + count * 30 * DAY;
  const events: DemoEvent[] = [];
  for (const key of KEYS) {
    if (key !== KEYS[0]) events.push({ at: month(key.born) + 3_600_000, do: 'create', key });
    for (const rotation of key.rotations) events.push({ at: month(rotation), do: 'rotate', key });
    const last = key.alias === 'alias/old-practice' ? 3 : MONTHS;
    for (let count = 0; count < key.files; count++) {
      const at = Math.round(month(key.born) + 2 * 3_600_000 + next() * (last - key.born) * 29.9 * DAY);
      events.push({ at, do: 'encrypt', key, paper: paperOf(key, count, at, next) });
    }
  }
  const [closed] = KEYS.filter(({ alias }) => alias === 'alias/old-practice');
  if (closed !== undefined) events.push({ at: month(13), do: 'disable', key: closed });
  return events.sort((a, b) => a.at - b.at);
}

function paperOf(key: DemoKey, count: number, at: number, next: () => number): SampleFile {
  const name = key.names[count % key.names.length] ?? 'Paper';
  const number = Math.floor(count / key.names.length) + 1;
  return {
    path: `${key.folder}/${name} ${String(number).padStart(2, '0')}.${key.ending}`,
    bytes: Math.round(2_000 + next() ** 3 * 600_000),
    modified: at - Math.round(next() * 5 * DAY),
  };
}
