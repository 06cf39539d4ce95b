import { Download } from 'lucide-react';
import { useState } from 'react';
import type { GivenFile } from '../../../../shared/bridge.ts';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { ErrorNote, Note } from '../../../components/note.tsx';
import { announce } from '../../../data/jobs.ts';
import { useAction, useQuery } from '../../../data/query.ts';
import { escaped } from '../../../text/file-names.ts';

/** The public half of a key, to give away. */
export function PublicKey({ of: key }: { readonly of: KeyDetail }) {
  const there = key.state === 'Enabled';
  const asked = useQuery('keys.publicKey', there ? { key: key.keyId } : null, 'keysRevision');
  const [saved, setSaved] = useState<GivenFile>();
  const { busy, error, run } = useAction();
  const save = () =>
    run(async () => {
      const { file } = await ask('keys.savePublicKey', { key: key.keyId });
      if (file === null) return;
      setSaved(file);
      announce('The public key is saved.');
    });
  const pem = asked.value?.pem;
  return (
    <Card title="Public key">
      {there ? (
        <p className="soft">This half is for others. It opens nothing and signs nothing.</p>
      ) : (
        <p className="soft">It is given out while the key is enabled.</p>
      )}
      <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      {pem === undefined ? null : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className="pem" tabIndex={0} aria-label="Public key in PEM">
            <pre className="mono">{pem}</pre>
          </section>
          <div className="actions">
            <Button icon={Download} busy={busy} onPress={save}>
              Save…
            </Button>
            <CopyButton text={pem} what="the public key" />
          </div>
        </>
      )}
      {saved === undefined ? null : (
        <Note
          tone="good"
          actions={
            <Button look="compact" onPress={() => ask('files.show', { file: saved.id })}>
              Show in folder
            </Button>
          }
        >
          Saved as {escaped(saved.name)}.
        </Note>
      )}
      <ErrorNote error={error} />
    </Card>
  );
}
