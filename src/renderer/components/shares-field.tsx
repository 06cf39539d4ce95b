import { type ReactElement, type RefObject, useId, useRef, useState } from 'react';
import type { GivenFile } from '../../shared/bridge.ts';
import { ask, COPIED_AS_SECRET } from '../bridge.ts';
import { useAction } from '../data/query.ts';
import { useSecretOnScreen } from '../data/secret-screen.ts';
import { Button } from './button.tsx';
import { FileName } from './inline-text.tsx';
import { ErrorNote } from './note.tsx';

/** Shares as the page hands them on: the bytes of what was typed, and handles of files. */
type GivenShares = { readonly secret: Uint8Array<ArrayBuffer>; readonly files: string[] };

/** A field for shares, beside files that have some. What is typed stays in the field until it has opened something. */
export function useShares(): { readonly field: ReactElement; readonly give: () => GivenShares } {
  const typed = useRef<HTMLTextAreaElement>(null);
  const [files, setFiles] = useState<readonly GivenFile[]>([]);
  const give = (): GivenShares => ({
    secret: new TextEncoder().encode(typed.current?.value ?? ''),
    files: files.map(({ id }) => id),
  });
  return { field: <Shares typed={typed} files={files} onFiles={setFiles} />, give };
}

type Props = {
  readonly typed: RefObject<HTMLTextAreaElement | null>;
  readonly files: readonly GivenFile[];
  readonly onFiles: (files: readonly GivenFile[]) => void;
};

function Shares({ typed, files, onFiles }: Props) {
  const id = useId();
  const { busy, error, run } = useAction();
  useSecretOnScreen();
  const choose = () =>
    run(async () => {
      const { files: more } = await ask('shares.choose', {});
      onFiles([...files, ...more.filter((one) => files.every((known) => known.id !== one.id))]);
    });
  return (
    <div className="field">
      <label htmlFor={id}>Shares</label>
      <textarea
        ref={typed}
        id={id}
        className="input tall"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={4_000}
        // biome-ignore lint/a11y/noAutofocus: the user has just asked for this field
        autoFocus
        {...COPIED_AS_SECRET}
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="small soft">
        Type or paste them one below the other, as they stand on paper: each begins with KWSHA-RE. Capitals
        and dashes don’t matter.
      </p>
      {files.length === 0 ? null : (
        <ul className="ways" aria-label="Files with shares">
          {files.map(({ id: file, name }) => (
            <li key={file}>
              <FileName name={name} />
              <Button look="plain compact" onPress={() => onFiles(files.filter((one) => one.id !== file))}>
                Leave it out<span className="hidden"> ({name})</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ErrorNote error={error} />
      <div className="actions">
        <Button look="compact" busy={busy} onPress={choose}>
          Shares in files…
        </Button>
      </div>
    </div>
  );
}
