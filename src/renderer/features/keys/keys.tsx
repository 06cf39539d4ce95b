import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { KeySummary } from '../../../shared/contract.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { moveBetweenRows } from '../../components/rows.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { count, shortDay } from '../../words/format.ts';
import { keyName, STATES } from '../../words/keys.ts';
import { NewKey } from './new-key.tsx';

/** Keys: all of them, and how to make one more. */
export function KeysPlace() {
  const { list, asked } = useKeys();
  const [making, setMaking] = useState(false);
  return (
    <>
      <header className="head">
        <h1>Keys</h1>
        <Button icon={Plus} onPress={() => setMaking(true)}>
          New key…
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label="List of keys">
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
        {list === undefined || list.length === 0 ? null : (
          <>
            <div className="head-row keys" aria-hidden="true">
              <span>Name</span>
              <span>State</span>
              <span>Versions</span>
              <span>Made</span>
            </div>
            <ul className="rows" onKeyDown={moveBetweenRows}>
              {list.map((key) => (
                <KeyRow key={key.keyId} of={key} />
              ))}
            </ul>
          </>
        )}
        {list?.length === 0 ? (
          <div className="empty">
            <KeyRound size={36} strokeWidth={1.5} aria-hidden />
            <h2>No keys yet</h2>
            <p>
              A key is what files are encrypted under. Have one for each thing you might want to close by
              itself.
            </p>
          </div>
        ) : null}
      </section>
      {making ? <NewKey onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function KeyRow({ of: key }: { readonly of: KeySummary }) {
  const { standard } = useKeys();
  const { chosen, choose } = useView();
  const isChosen = chosen?.kind === 'key' && chosen.id === key.keyId;
  const { word, tone } = STATES[key.state];
  return (
    <li className="row keys" data-chosen={isChosen}>
      <button
        type="button"
        className="open"
        aria-current={isChosen}
        onClick={() => choose({ kind: 'key', id: key.keyId })}
      >
        <KeyRound size={16} aria-hidden />
        <span className="cell">{keyName(key)}</span>
        {standard?.keyId === key.keyId ? <span className="small soft">for new files</span> : null}
      </button>
      <Badge tone={tone} word={word} />
      <span className="soft numbers">
        {key.versions}
        <span className="hidden"> {count(key.versions, 'version').replace(/^\S+ /, '')}</span>
      </span>
      <span className="soft numbers cell">{shortDay(key.createdAt)}</span>
    </li>
  );
}
