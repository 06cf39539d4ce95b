import type { MergeChange } from '../../shared/backup-contract.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';

/** What uniting two vaults does, in words. */
export function changeText({ kind, name, count = 1, what = '' }: MergeChange): string {
  const key = escapeText(name);
  switch (kind) {
    case 'key':
      return `key ${key}`;
    case 'version':
      return `${countText(count, 'version')} of key ${key}`;
    case 'current':
      return `key ${key} encrypts under version ${what.slice(0, 8)} from now on, the latest made`;
    case 'version-disabled':
      return `version ${what.slice(0, 8)} of key ${key} is revoked, as there`;
    case 'disabled':
      return `key ${key} is disabled, as there`;
    case 'deletion':
      return `key ${key} is to be deleted, as there: ${what.slice(0, 10)}`;
    case 'to-be-shredded':
      return `key ${key} was shredded there; it does nothing from now on, and is shredded at an unlock a day from now, unless you cancel its deletion`;
    case 'shredded':
      return `key ${key} is left out: it was shredded`;
    case 'denial':
      return `denials in the policy of ${key} that it lacks here`;
    case 'grant-revoked':
      return `a grant of key ${key} is revoked, as there: ${what.slice(0, 12)}`;
    case 'client-revoked':
      return `client ${key} is revoked, as there`;
    case 'recovery-ended':
      return `${key} is taken away, as there: it opens neither the vault nor new backups`;
  }
}
