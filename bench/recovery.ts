import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, type Row } from './table.ts';

type Times = { readonly [name in 'passphrase' | 'argon2' | 'phrase' | 'rescue']: readonly number[] };

/** How a vault with this many keys opens: by passphrase, beside what Argon2id alone takes; by phrase; and for rescue. */
export function openingRows(rounds: number, keys = 10_000): Row[] {
  const words = [join(import.meta.dirname, 'recovery.child.ts'), String(keys), String(rounds)];
  const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`recovery.child.ts ended with ${status}`);
  const { passphrase, argon2, phrase, rescue } = JSON.parse(stdout) as Times;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const vault = `a vault of ${keys.toLocaleString('en')} keys`;
  return [
    {
      what: `unlock of ${vault} by passphrase, beyond Argon2id`,
      value: ms(median(passphrase) - median(argon2)),
      aim: 'under 150 ms',
      samples: { keyward: passphrase, 'Argon2id alone': argon2 },
    },
    {
      what: `unlock of ${vault} by its phrase`,
      value: ms(median(phrase)),
      aim: 'none',
      samples: { keyward: phrase },
    },
    {
      what: `rescue of ${vault}, a page broken`,
      value: ms(median(rescue)),
      aim: 'under 2,000 ms',
      samples: { keyward: rescue },
    },
  ];
}
