import { useId, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { keptWords } from '../../data/kept-words.ts';
import { useSecretOnScreen } from '../../data/secret-screen.ts';

const ASKED = 3;

type Props = {
  readonly onBack: () => void;
  readonly onConfirmed: () => void;
};

/** Asks for three of the words, so that the paper is known to exist. */
export function ConfirmPhrase({ onBack, onConfirmed }: Props) {
  useSecretOnScreen();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [places] = useState(() => pick(keptWords().length));
  const [wrong, setWrong] = useState<readonly number[]>([]);

  const check = () => {
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    const words = keptWords();
    const missed = places.filter((place, n) => fields[n]?.value.trim().toLowerCase() !== words[place]);
    setWrong(missed);
    if (missed.length === 0) onConfirmed();
    else fields[places.indexOf(missed[0] ?? 0)]?.focus();
  };

  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        check();
      }}
    >
      <p className="soft">Read them from your paper. After this the phrase is not shown again.</p>
      <div className="three">
        {places.map((place, n) => (
          <div className="field" key={place}>
            <label htmlFor={`${id}-${place}`}>Word {place + 1}</label>
            <input
              id={`${id}-${place}`}
              className="input"
              type="text"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              required
              // biome-ignore lint/a11y/noAutofocus: the first field of a page that has one purpose
              autoFocus={n === 0}
              aria-invalid={wrong.includes(place) || undefined}
            />
          </div>
        ))}
      </div>
      {wrong.length === 0 ? null : (
        <Note tone="bad">
          {wrong.length === 1
            ? `Word ${(wrong[0] ?? 0) + 1} is another one.`
            : `Words ${listed(wrong)} are other ones.`}{' '}
          Look at your paper, or go back and compare it.
        </Note>
      )}
      <div className="actions">
        <Button submit look="main">
          Continue
        </Button>
        <Button look="plain" onPress={onBack}>
          Show the phrase again
        </Button>
      </div>
    </form>
  );
}

function listed(places: readonly number[]): string {
  return new Intl.ListFormat('en').format(places.map((place) => String(place + 1)));
}

/** Places to ask for, spread over the phrase, in order. */
function pick(length: number): readonly number[] {
  const third = Math.floor(length / ASKED);
  const random = crypto.getRandomValues(new Uint32Array(ASKED));
  return [...random].map((value, n) => n * third + (value % third));
}
