import { type ReactNode, useRef, useState } from 'react';
import type { BridgeInput } from '../../../shared/bridge.ts';
import { takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';

/** What the owner is recognised by once more. */
type Shown = BridgeInput<'vault.stepUp'>;
/** Its kind. */
export type ShownKind = Shown['kind'];

type Props = {
  /** What may be shown, the likeliest first. */
  readonly by: readonly ShownKind[];
  readonly does: string;
  /** What the button says meanwhile. */
  readonly doing: string;
  readonly look?: 'main' | 'danger';
  /** Between the field and the buttons. */
  readonly children?: ReactNode;
  /** Shown while it is being done. */
  readonly progress?: ReactNode;
  /** Does it; the secret is wiped afterwards. What it throws stands in the form. False: something else is missing. */
  readonly onDo: (shown: Shown) => Promise<boolean | undefined>;
  readonly onClose: () => void;
};

/** Asks who the owner is, and does something by that. */
export function OwnerForm({ by, does, doing, look = 'main', children, progress, onDo, onClose }: Props) {
  const [way, setWay] = useState<ShownKind>(by[0] ?? 'passphrase');
  const field = useRef<HTMLInputElement>(null);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const [shown, toggle] = useShown();
  const { busy, error, run } = useAction();
  const submit = async () => {
    const typed = way === 'passphrase' ? field.current : phrase.current;
    if (typed === null) return;
    const kept = typed.value;
    const secret = takeSecret(typed);
    let isComplete = true;
    const done = await run(async () => {
      isComplete = (await onDo({ kind: way, secret })) !== false;
    });
    secret.fill(0);
    // What was right need not be typed once more for what was not; nor 24 words for one that is misspelt.
    if (!isComplete || (!done && way === 'recovery-phrase')) typed.value = kept;
    if (!done) typed.focus();
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) submit();
      }}
    >
      {way === 'passphrase' ? (
        <SecretField label="Passphrase" field={field} focus shown={shown} />
      ) : (
        <PhraseField field={phrase} focus />
      )}
      {children}
      <ErrorNote error={error} />
      {busy ? progress : null}
      <div className="actions">
        {way === 'passphrase' ? toggle : null}
        {by.length < 2 ? null : (
          <Button
            look="plain compact"
            onPress={() =>
              busy ? undefined : setWay(way === 'passphrase' ? 'recovery-phrase' : 'passphrase')
            }
          >
            {way === 'passphrase' ? 'Use the recovery phrase' : 'Use the passphrase'}
          </Button>
        )}
      </div>
      <div className="actions end">
        <Button onPress={() => (busy ? undefined : onClose())}>Cancel</Button>
        <Button submit look={look} busy={busy}>
          {busy ? doing : does}
        </Button>
      </div>
    </form>
  );
}
