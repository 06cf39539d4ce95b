import { type ReactElement, useRef, useState } from 'react';
import type { GivenFile } from '../../shared/bridge.ts';
import { ask } from '../bridge.ts';
import { Button } from './button.tsx';
import { FileName } from './inline-text.tsx';

/** Shares as the page hands them on: the bytes of what was typed, and handles of files. */
type GivenShares = { readonly secret: Uint8Array<ArrayBuffer>; readonly files: string[] };

/** A field for shares, beside files that have some. What is typed stays in the field until it has opened something. */
export function useShares(): { readonly field: ReactElement; readonly give: () => GivenShares } {
  const typed = useRef<HTMLTextAreaElement>(null);
  const [files, setFiles] = useState<readonly GivenFile[]>([]);
  const choose = async () => {
    const { files: more } = await ask('shares.choose', {});
    setFiles((known) => [...known, ...more.filter(({ id }) => known.every((one) => one.id !== id))]);
  };
  const field = (
    <div className="field">
      <label htmlFor="shares">Shares</label>
      <textarea
        ref={typed}
        id="shares"
        className="input tall"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={4_000}
        aria-describedby="shares-hint"
      />
      <p id="shares-hint" className="small soft">
        Type or paste them one below the other, as they stand on paper: each begins with KWSHA-RE. Capitals
        and dashes don’t matter.
      </p>
      {files.length === 0 ? null : (
        <ul className="ways" aria-label="Files with shares">
          {files.map(({ id, name }) => (
            <li key={id}>
              <FileName name={name} />
              <Button look="plain compact" onPress={() => setFiles(files.filter((one) => one.id !== id))}>
                Leave it away<span className="hidden"> ({name})</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="actions">
        <Button look="compact" onPress={choose}>
          Shares in files…
        </Button>
      </div>
    </div>
  );
  const give = (): GivenShares => ({
    secret: new TextEncoder().encode(typed.current?.value ?? ''),
    files: files.map(({ id }) => id),
  });
  return { field, give };
}
