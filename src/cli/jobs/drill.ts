import { countText } from '../../shared/measures.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { phraseFrom } from '../secrets/backup-phrase.ts';
import { momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';

/** `recovery drill`: tries that the phrase and the newest backup bring the files back. */
export async function drill(
  console: Console,
  files: readonly string[],
  options: VaultOptions,
): Promise<void> {
  await withVault(console, options, async (vault) => {
    const phrase = await phraseFrom(console, options);
    const input = {
      phrase,
      ...(files.length === 0 ? {} : { files: files.map((one) => console.absolute(one)) }),
    };
    const done = await console.withProgress((progress) => vault.call('backup.drill', input, { progress }));
    console.document(done);
    console.say(console.style.bold('Your recovery works.'));
    console.say(
      `The backup ${console.path(done.backup.path)} of ${momentText(done.backup.created)} opened with the phrase: ${countText(done.keys, 'key')}.`,
    );
    for (const file of done.files) console.say(`Decrypts to the same by both: ${console.path(file)}`);
    if (done.files.length === 0) {
      console.note(
        'No file that the vault knows is there, so none was tried. Name one: keyward recovery drill FILE',
      );
    }
  });
}
