import { Button } from '../../components/button.tsx';
import { PhraseWords } from '../../components/phrase-words.tsx';
import { keptWords } from '../../data/kept-words.ts';
import { KitOfWords } from '../recovery/kit.tsx';

/** The phrase, once. */
export function ShowPhrase({ onWritten }: { readonly onWritten: () => void }) {
  return (
    <>
      <p>
        Write these {keptWords().length} words on paper, in this order, and keep the paper away from this
        computer. They open the vault when the passphrase is lost. Nobody can show them again.
      </p>
      <PhraseWords />
      <div className="actions">
        <Button look="main" onPress={onWritten}>
          I have written them down
        </Button>
        <KitOfWords words={() => keptWords().join(' ')} />
      </div>
    </>
  );
}
