import type { Settings } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { columns } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';

/** `config [NAME [VALUE]]`. */
export async function config(
  console: Console,
  name: string | undefined,
  value: string | undefined,
  options: VaultOptions,
): Promise<void> {
  await withVault(console, options, async (vault) => {
    const settings =
      name === undefined || value === undefined
        ? await vault.call('config.list', {})
        : await vault.call('config.set', { name, value });
    if (name !== undefined && !Object.hasOwn(settings, name)) {
      throw fail('no-such-setting', { name, settings: Object.keys(settings) }, { name });
    }
    const shown = Object.entries(settings).filter(([each]) => name === undefined || each === name);
    console.document({ settings: Object.fromEntries(shown) });
    if (name !== undefined && value === undefined) console.say(words(shown[0]?.[1]));
    else for (const line of columns(shown.map(([each, now]) => [each, words(now)]))) console.say(line);
  });
}

function words(value: Settings[keyof Settings] | undefined): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return escapeText(String(value ?? ''));
}
