import { type ReactNode, useRef, useState } from 'react';
import type { BridgeInput, WindowStatus } from '../../../shared/bridge.ts';
import { takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { useHoldOpen } from '../../components/dialog.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';

/** What the owner is recognised by once more. */
type Shown = BridgeInput<'vault.stepUp'>;
/** Its kind. */
export type ShownKind = Shown['kind'];

/** What the owner of a vault may be recognised by, the likeliest first. */
export function shownKinds({ protectors = [] }: WindowStatus): readonly ShownKind[] {
  return (['passphrase', 'recovery-phrase'] as const).filter((kind) =>
    protectors.some((one) => one.kind === kind),
  );
}

type Props = {
  /** What may be shown, the likeliest first. */
  readonly by: readonly ShownKind[];
  /** What the passphrase is called that is shown. */
  readonly label?: string;
  /** Whether a new passphrase is asked for too. */
  readonly renews?: boolean;
  readonly does: string;
  /** What the button says meanwhile. */
  readonly doing: string;
  readonly leaves?: string;
  readonly look?: 'main' | 'danger';
  /** Between the fields and the buttons. */
  readonly children?: ReactNode;
  /** Shown while it is being done. */
  readonly progress?: ReactNode;
  /** Does it; both secrets are wiped afterwards. What it throws stands in the form. */
  readonly onDo: (shown: Shown, passphrase: Uint8Array<ArrayBuffer> | undefined) => Promise<unknown>;
  readonly onClose: () => void;
};

/** Asks who the owner is, and does something by that. */
export function OwnerForm({
  by,
  label = 'Passphrase',
  renews = false,
  does,
  doing,
  leaves = 'Cancel',
  look = 'main',
  children,
  progress,
  onDo,
  onClose,
}: Props) {
  const [way, setWay] = useState<ShownKind>(by[0] ?? 'passphrase');
  const field = useRef<HTMLInputElement>(null);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const [shown, toggle] = useShown();
  const { fields, take, giveBack } = useNewPassphrase('New passphrase', shown);
  const { busy, error, run, clear } = useAction();
  useHoldOpen(busy);
  const submit = async () => {
    const typed = way === 'passphrase' ? field.current : phrase.current;
    const passphrase = renews ? await take() : undefined;
    if (typed === null || (renews && passphrase === undefined)) return;
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = way === 'recovery-phrase' ? typed.value : '';
    const secret = takeSecret(typed);
    const done = await run(async () => {
      await onDo({ kind: way, secret }, passphrase);
    });
    secret.fill(0);
    if (!done) {
      if (passphrase !== undefined) giveBack(passphrase);
      typed.value = kept;
      typed.focus();
    }
    passphrase?.fill(0);
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
        <SecretField label={label} field={field} focus shown={shown} />
      ) : (
        <PhraseField field={phrase} focus />
      )}
      {renews ? fields : null}
      {children}
      <ErrorNote error={error} />
      {busy ? progress : null}
      <div className="actions">
        {way === 'passphrase' || renews ? toggle : null}
        {by.length < 2 ? null : (
          <Button
            look="plain compact"
            busy={busy}
            onPress={() => {
              clear();
              setWay(way === 'passphrase' ? 'recovery-phrase' : 'passphrase');
            }}
          >
            {way === 'passphrase' ? 'Use the recovery phrase' : 'Use the passphrase'}
          </Button>
        )}
      </div>
      <div className="actions end">
        <Button busy={busy} onPress={onClose}>
          {leaves}
        </Button>
        <Button submit look={look} busy={busy}>
          {busy ? doing : does}
        </Button>
      </div>
    </form>
  );
}
