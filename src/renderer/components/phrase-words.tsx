import { useLayoutEffect, useRef } from 'react';
import { COPIED_AS_SECRET } from '../bridge.ts';
import { keptWords } from '../data/kept-words.ts';
import { useSecretOnScreen } from '../data/secret-screen.ts';

/** The words of the new phrase, in their order. They are put into the document past React, which never gets to hold them. */
export function PhraseWords() {
  const list = useRef<HTMLOListElement>(null);
  useSecretOnScreen();
  useLayoutEffect(() => {
    const places = [...(list.current?.querySelectorAll('.word') ?? [])];
    for (const [n, word] of keptWords().entries()) {
      const place = places[n];
      if (place !== undefined) place.textContent = word;
    }
    return () => {
      for (const place of places) place.textContent = '';
    };
  }, []);
  return (
    <ol ref={list} className="phrase" aria-label="Recovery phrase" {...COPIED_AS_SECRET}>
      {keptWords().map((_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word's place is what it is
        <li key={n}>
          <span className="soft numbers" aria-hidden="true">
            {n + 1}
          </span>
          <span className="word" />
        </li>
      ))}
    </ol>
  );
}
