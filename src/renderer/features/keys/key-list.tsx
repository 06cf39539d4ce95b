import { KeyRound, Plus, Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { moveBetweenRows, useFocusOnMore } from '../../components/row-focus.ts';
import { useKeys } from '../../data/keys.tsx';
import { ALL_KEYS, filterKeys, type KeyFilter } from '../../text/key-filter.ts';
import { STATES } from '../../text/keys.ts';
import { PURPOSES } from '../../text/purposes.ts';
import { KeyRow } from './key-row.tsx';
import { NewKey } from './new-key.tsx';

/** Rows that are shown at once; more on demand. */
const AT_ONCE = 500;

/** All keys, how to find some of them, and how to make one more. */
export function KeyList() {
  const { list, asked } = useKeys();
  const [making, setMaking] = useState(false);
  const [filter, setFilter] = useState(ALL_KEYS);
  const [most, setMost] = useState(AT_ONCE);
  const rows = useRef<HTMLUListElement>(null);
  const found = filterKeys(list ?? [], filter);
  const focusOnMore = useFocusOnMore(rows, Math.min(found.length, most));
  const finding = list !== undefined && list.length > 1;
  return (
    <>
      <header>
        <div className="head">
          <h1>Keys</h1>
          <Button icon={Plus} onPress={() => setMaking(true)}>
            New key…
          </Button>
        </div>
        {finding ? (
          <Filters
            of={filter}
            onChange={setFilter}
            onDown={() => rows.current?.querySelector<HTMLElement>('button.open')?.focus()}
          />
        ) : null}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label="List of keys" aria-busy={list === undefined}>
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
        {list === undefined && asked.error === undefined ? <Loading /> : null}
        {found.length === 0 ? null : (
          <>
            <Heads />
            <ul className="rows" ref={rows} onKeyDown={moveBetweenRows}>
              {found.slice(0, most).map((key) => (
                <KeyRow key={key.keyId} of={key} />
              ))}
            </ul>
          </>
        )}
        {found.length > most ? (
          <div className="actions end">
            <Button
              look="plain"
              onPress={() => {
                focusOnMore();
                setMost(most + AT_ONCE);
              }}
            >
              Show more
            </Button>
          </div>
        ) : null}
        {list?.length === 0 ? <Empty /> : null}
        {list !== undefined && list.length > 0 && found.length === 0 ? (
          <div className="empty">
            <Search size={36} strokeWidth={1.5} aria-hidden />
            <h2>No key fits</h2>
            <p>Names, descriptions and ids are searched.</p>
            <div className="actions">
              <Button onPress={() => setFilter(ALL_KEYS)}>Show all keys</Button>
            </div>
          </div>
        ) : null}
      </section>
      {making ? <NewKey onClose={() => setMaking(false)} /> : null}
    </>
  );
}

type FiltersProps = {
  readonly of: KeyFilter;
  readonly onChange: (filter: KeyFilter) => void;
  readonly onDown: () => void;
};

function Filters({ of: filter, onChange, onDown }: FiltersProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const find = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || typing || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', find);
    return () => window.removeEventListener('keydown', find);
  }, []);
  return (
    <div className="filters">
      <input
        ref={field}
        type="search"
        className="input small-input"
        aria-label="Find a key"
        aria-keyshortcuts="/"
        placeholder="Find a key"
        maxLength={256}
        autoComplete="off"
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          onDown();
        }}
      />
      <select
        className="select"
        aria-label="State"
        value={filter.state}
        onChange={(event) => onChange({ ...filter, state: event.target.value })}
      >
        <option value="">Any state</option>
        {Object.entries(STATES).map(([state, { word }]) => (
          <option key={state} value={state}>
            {word}
          </option>
        ))}
      </select>
      <select
        className="select"
        aria-label="Kind"
        value={filter.usage}
        onChange={(event) => onChange({ ...filter, usage: event.target.value })}
      >
        <option value="">Any kind</option>
        {PURPOSES.map(({ usage, does }) => (
          <option key={usage} value={usage}>
            {does}
          </option>
        ))}
      </select>
    </div>
  );
}

function Heads() {
  return (
    <div className="head-row keys" aria-hidden="true">
      <span>Name</span>
      <span>State</span>
      <span className="if-room">Kind</span>
      <span className="of-numbers">Versions</span>
      <span className="if-room">Made</span>
    </div>
  );
}

/** Rows as they will stand, so that nothing jumps when they come. */
function Loading() {
  return (
    <div aria-hidden="true">
      <Heads />
      {[1, 2, 3].map((n) => (
        <div key={n} className="row keys">
          <span className="pending" />
        </div>
      ))}
    </div>
  );
}

function Empty() {
  return (
    <div className="empty">
      <KeyRound size={36} strokeWidth={1.5} aria-hidden />
      <h2>No keys yet</h2>
      <p>
        A key is what files are encrypted under. Have one for each thing you might want to close by itself.
      </p>
    </div>
  );
}
