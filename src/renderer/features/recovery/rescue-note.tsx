import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { useView } from '../../data/view.ts';

/** What a damaged vault still does, and where it is said what is wrong; above every place. */
export function RescueNote() {
  const { place, go } = useView();
  return (
    <Note
      tone="warn"
      actions={
        place === 'recovery' ? null : (
          <Button look="compact" onPress={() => go('recovery')}>
            See what is damaged
          </Button>
        )
      }
    >
      This vault is damaged and open for rescue: you can decrypt and verify files and read the log. Nothing
      can be changed or encrypted, and what you do is not in the log.
    </Note>
  );
}
