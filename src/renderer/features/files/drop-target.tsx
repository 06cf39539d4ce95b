import { FileKey2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { dropNote } from '../../data/drop-note.ts';
import { useStatus } from '../../data/status.ts';
import { errorWords } from '../../words/errors.ts';
import { count } from '../../words/format.ts';

type Props = { readonly refused: string | undefined; readonly forget: () => void };

/**
 * Makes the whole window a drop target and says, while something hovers over it, what will happen. The drop
 * itself is taken by the preload, which alone can tell where the files are.
 */
export function DropTarget({ refused, forget }: Props) {
  const [hovering, setHovering] = useState(0);
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file').length;
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = items > 0 ? 'copy' : 'none';
      setHovering(items);
    };
    const out = (event: DragEvent) => {
      event.preventDefault();
      if (event.type === 'drop' || event.relatedTarget === null) setHovering(0);
    };
    window.addEventListener('dragenter', over);
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', out);
    window.addEventListener('drop', out);
    return () => {
      window.removeEventListener('dragenter', over);
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', out);
      window.removeEventListener('drop', out);
    };
  }, []);
  return (
    <>
      {hovering > 0 ? <Hovering items={hovering} /> : null}
      {refused === undefined ? null : (
        <Dialog title="That can’t be taken" onClose={forget}>
          <p>{errorWords({ message: refused })}</p>
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

function Hovering({ items }: { readonly items: number }) {
  const state = useStatus().value?.state;
  const key = dropNote.use();
  const what = items === 1 ? 'it' : count(items, 'item');
  return (
    <div className="drop" role="status">
      <div>
        <FileKey2 size={32} strokeWidth={1.5} aria-hidden />
        <strong>
          {state === 'unlocked' ? `Encrypt ${what} under ${key}` : `Keep ${what} until the vault is open`}
        </strong>
        <p className="soft">
          {state === 'unlocked'
            ? 'An encrypted copy appears beside each file; the originals stay. Files that end in .keyward are decrypted.'
            : 'Then an encrypted copy appears beside each file; the originals stay.'}
        </p>
      </div>
    </div>
  );
}
