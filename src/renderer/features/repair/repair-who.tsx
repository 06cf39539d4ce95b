import { useRef, useState } from 'react';
import type { GivenFile, PagePlan, WindowStatus } from '../../../shared/bridge.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';

type Props = {
  readonly status: WindowStatus;
  readonly onPlan: (plan: PagePlan | null) => void;
  readonly onLeave: () => void;
};

/** Asks by whom the vault is repaired, and with which backups it is compared. */
export function RepairWho({ status: { protectors }, onPlan, onLeave }: Props) {
  const has = protectors?.map(({ kind }) => kind) ?? ['passphrase', 'recovery-phrase'];
  const [way, setWay] = useState<'passphrase' | 'recovery-phrase'>(
    has.includes('recovery-phrase') ? 'recovery-phrase' : 'passphrase',
  );
  const field = useRef<HTMLInputElement>(null);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const [shown, toggle] = useShown();
  const [folder, setFolder] = useState<GivenFile>();
  const { busy, error, run, clear } = useAction();
  const choosing = useAction();
  const byPhrase = way === 'recovery-phrase';
  const choose = () =>
    choosing.run(async () => {
      const { source } = await ask('restore.choose', {});
      if (source !== null) setFolder(source.folder);
    });
  const look = async () => {
    const typed = byPhrase ? phrase.current : field.current;
    if (typed === null) return;
    const kept = byPhrase ? typed.value : '';
    const secret = takeSecret(typed);
    const from = byPhrase && folder !== undefined ? { from: folder.id } : {};
    const done = await run(async () => {
      onPlan((await ask('repair.plan', { shown: { kind: way, secret }, ...from })).plan);
    });
    secret.fill(0);
    if (done) return;
    typed.value = kept;
    typed.focus();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) look();
      }}
    >
      <p className="text">
        Keyward looks at every part of the vault, and shows you first what it would do. Nothing is changed
        before you have said yes, and the damaged files are kept.
      </p>
      {byPhrase ? (
        <>
          <PhraseField field={phrase} focus />
          <p className="small soft">
            With the phrase, what is damaged is compared with your backups: those in the folders that get them
            {folder === undefined ? '.' : ', or rather those in '}
            {folder === undefined ? null : <FileName name={folder.name} />}
          </p>
        </>
      ) : (
        <>
          <SecretField label="Passphrase" field={field} focus shown={shown} />
          <p className="small soft">
            With the passphrase nothing can be taken from a backup: they don’t open with it.
          </p>
        </>
      )}
      <ErrorNote error={error ?? choosing.error} />
      <Button submit look="main wide" busy={busy}>
        {busy ? 'Looking at every part…' : 'See what it would do'}
      </Button>
      {busy ? (
        <progress className="restoring" aria-label="Every part of the vault is being looked at" />
      ) : null}
      <div className="actions">
        {byPhrase ? (
          <Button look="plain compact" busy={busy || choosing.busy} onPress={choose}>
            {folder === undefined ? 'My backups are in another folder…' : 'Another folder…'}
          </Button>
        ) : (
          toggle
        )}
        {has.includes('passphrase') && has.includes('recovery-phrase') ? (
          <Button
            look="plain compact"
            busy={busy}
            onPress={() => {
              clear();
              setWay(byPhrase ? 'passphrase' : 'recovery-phrase');
            }}
          >
            {byPhrase ? 'Use the passphrase' : 'Use the recovery phrase'}
          </Button>
        ) : null}
        <Button look="plain compact" busy={busy} onPress={onLeave}>
          Leave it as it is
        </Button>
      </div>
    </form>
  );
}
