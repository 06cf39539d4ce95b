import type { WindowStatus } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { EntryPage } from '../../components/entry-page.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';
import { loadStatus, setStatus } from '../../data/status.ts';

const KINDS = {
  window: 'another window of Keyward',
  background: 'keyward unlock, in the background',
  command: 'a keyward command that is running',
} as const;

/** The vault is open in another process of the user's: only one may hold it. */
export function HeldElsewhere({ holder }: { readonly holder: WindowStatus['holder'] }) {
  const { busy, error, run } = useAction();
  return (
    <EntryPage title="The vault is open elsewhere" corner="Open elsewhere">
      <p>
        It is held by {KINDS[holder?.kind ?? 'background']} (process {holder?.pid ?? 'unknown'}). Lock it
        there to use it in this window. What it is doing is stopped; originals stay as they are.
      </p>
      <ErrorNote error={error} />
      <div className="actions">
        <Button
          look="main"
          busy={busy}
          onPress={() => run(async () => setStatus(await ask('vault.takeOver', {})))}
        >
          Lock it there
        </Button>
        <Button onPress={loadStatus}>Look again</Button>
      </div>
    </EntryPage>
  );
}
