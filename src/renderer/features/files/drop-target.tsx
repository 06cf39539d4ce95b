import { FileKey2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ErrorBody } from '../../../shared/errors.ts';
import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { dropHint } from '../../data/drop-hint.ts';
import { useStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';

type Props = { readonly refused: ErrorBody | undefined; readonly forget: () => void };

/**
 * Makes the whole window a drop target and says, while something hovers over it, what will happen. The drop
 * itself is taken by the preload, which alone can tell where the files are.
 */
export function DropTarget({ refused, forget }: Props) {
  const [items, setItems] = useState(0);
  const [allPlain, setAllPlain] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      const files = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = files.length > 0 ? 'copy' : 'none';
      setItems(files.length);
      // Contents are hidden until the drop. An encrypted file has no type that the system knows, so one that has a
      // type is none; of the others it can't be said beforehand.
      setAllPlain(files.every(({ type }) => type !== ''));
    };
    const out = (event: DragEvent) => {
      event.preventDefault();
      if (event.type === 'drop' || event.relatedTarget === null) setItems(0);
    };
    // None of these comes during a drag: it has ended, whether or not that was told.
    const endSigns = ['pointermove', 'pointerdown', 'keydown'] as const;
    const ended = () => setItems(0);
    for (const sign of endSigns) window.addEventListener(sign, ended);
    window.addEventListener('dragenter', over);
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', out);
    window.addEventListener('drop', out);
    return () => {
      window.removeEventListener('dragenter', over);
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', out);
      window.removeEventListener('drop', out);
      for (const sign of endSigns) window.removeEventListener(sign, ended);
    };
  }, []);
  return (
    <>
      {items > 0 ? <Hovering items={items} allPlain={allPlain} /> : null}
      {refused === undefined ? null : (
        <Dialog title="That can’t be taken" onClose={forget}>
          <p>{errorText(refused)}</p>
          <div className="actions end">
            <Button look="main" onPress={forget}>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Hovering({ items, allPlain }: { readonly items: number; readonly allPlain: boolean }) {
  const state = useStatus().value?.state;
  const key = dropHint.use();
  const what = items === 1 ? 'it' : countText(items, 'item');
  const copies = 'an encrypted copy appears beside each file; the originals stay.';
  const promise = allPlain
    ? { title: `Encrypt ${what} under ${key}`, note: `A${copies.slice(1)}` }
    : {
        title: `Encrypt under ${key}, or decrypt`,
        note: `Encrypted files are decrypted. Of anything else ${copies}`,
      };
  return (
    <div className="drop" role="status">
      <div>
        <FileKey2 size={32} strokeWidth={1.5} aria-hidden />
        <strong>{state === 'unlocked' ? promise.title : `Keep ${what} until the vault is open`}</strong>
        <p className="soft">
          {state === 'unlocked'
            ? promise.note
            : `Then: ${promise.note.charAt(0).toLowerCase()}${promise.note.slice(1)}`}
        </p>
      </div>
    </div>
  );
}
