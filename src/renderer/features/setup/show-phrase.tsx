import { Button } from '../../components/button.tsx';
import { KitOfWords } from '../recovery/kit.tsx';

type Props = { readonly words: readonly string[]; readonly onWritten: () => void };

/** The phrase, once. */
export function ShowPhrase({ words, onWritten }: Props) {
  return (
    <>
      <p>
        Write these {words.length} words on paper, in this order, and keep the paper away from this computer.
        They open the vault when the passphrase is lost. Nobody can show them again.
      </p>
      <ol className="phrase" aria-label="Recovery phrase">
        {words.map((word, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word may stand twice, its place is what it is
          <li key={n}>
            <span className="soft numbers" aria-hidden="true">
              {n + 1}
            </span>
            {word}
          </li>
        ))}
      </ol>
      <div className="actions">
        <Button look="main" onPress={onWritten}>
          I have written them down
        </Button>
        <KitOfWords words={() => words.join(' ')} />
      </div>
    </>
  );
}
