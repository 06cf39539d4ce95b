import { resolveHome } from '../../main/home/paths.ts';
import { fail } from '../../shared/errors.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { ask } from '../secrets/credential.ts';
import { readPhrase, SecretFile } from '../secrets/files.ts';
import { withReauthentication } from '../secrets/reauthentication.ts';
import { withVault } from '../vault/access.ts';
import type { KitOptions, SplitOptions } from './options.ts';

/** `recovery kit` */
export async function writeKit(console: Console, options: KitOptions): Promise<void> {
  const phrase = options.withPhrase === true ? await phraseOf(console, options) : undefined;
  const out = console.absolute(options.out);
  const file = await SecretFile.make(out, resolveHome(console.around.env), '--out');
  try {
    await withVault(console, options, async (vault) => {
      const facts = await vault.call('recovery.kit', phrase === undefined ? {} : { phrase });
      const { kitPage } = await import('../../main/paper/kit.ts');
      await file.write(kitPage(facts));
    });
  } catch (error) {
    await file.remove().catch(() => undefined);
    throw error;
  }
  console.document({ path: out, phrase: phrase !== undefined });
  console.say(`Written: ${console.path(out)}`);
  console.note(
    phrase === undefined
      ? 'Print it, and write the 24 words on it by hand.'
      : 'Whoever has this file can open the vault and its backups. Print it, then delete the file.',
  );
}

async function phraseOf(console: Console, { recoveryFile }: KitOptions): Promise<string> {
  if (recoveryFile !== undefined) return readPhrase(console.absolute(recoveryFile), console.signal);
  if (!console.canAsk) {
    throw fail('kit-needs-terminal');
  }
  const typed = await ask(console, 'Recovery phrase, all 24 words: ');
  try {
    return typed.toString('utf8').trim().replaceAll(/\s+/g, ' ');
  } finally {
    typed.fill(0);
  }
}

/** `recovery split`: the file is there before the shares are, so that no set comes to be that stands nowhere. */
export async function splitRecovery(console: Console, options: SplitOptions): Promise<void> {
  const { shares, threshold } = options;
  const out = console.absolute(options.out);
  const file = await SecretFile.make(out, resolveHome(console.around.env), '--out');
  let written = false;
  try {
    await withVault(console, options, (vault) =>
      withReauthentication(console, options, async (credential) => {
        const set = await vault.call('recovery.split', { shares, threshold, credential });
        const facts = await vault.call('recovery.kit', {});
        const { sharePages } = await import('../../main/paper/share-pages.ts');
        await file.write(sharePages(facts, set));
        written = true;
        console.document({ path: out, set: set.id, shares, threshold });
        console.say(
          `Written: ${console.path(out)}: ${shares} shares, any ${threshold} of which open the vault.`,
        );
        console.note('They were put together again and open it. Print the pages, then delete the file.');
        console.note('Backups from now on open with them too: keyward backup create');
      }),
    );
  } finally {
    if (!written) await file.remove().catch(() => undefined);
  }
}

/** `recovery unsplit` */
export async function unsplitRecovery(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, (vault) =>
    withReauthentication(console, options, async (credential) => {
      const { protectors } = await vault.call('recovery.unsplit', { credential });
      console.document({ protectors });
      console.say('Removed: the shares.');
      console.note('Copies of the vault and backups made before still open with them.');
    }),
  );
}
