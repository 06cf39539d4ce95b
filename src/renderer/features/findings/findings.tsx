import { useState } from 'react';
import type { Finding } from '../../../shared/findings.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Note } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';
import { setStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';
import { findingTitle, isSerious } from '../../text/findings.ts';

type Props = { readonly findings: readonly Finding[] | undefined };

/** What was found that may cost keys or the way in: above every place, and on the locked screen. */
export function SeriousFindings({ findings = [] }: Props) {
  return findings.filter(isSerious).map((finding) => (
    <Note key={finding.message} tone="warn">
      <strong>{findingTitle(finding)}.</strong> {errorText(finding)}
    </Note>
  ));
}

/** Has an unfinished file forgotten whose disk never comes back. */
export function Forget({ partial }: { readonly partial: number }) {
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useAction();
  const forget = async () => {
    if (await run(async () => setStatus(await ask('partials.forget', { id: partial })))) setAsking(false);
  };
  return (
    <>
      <Button look="compact" onPress={() => setAsking(true)}>
        Its disk is gone for good…
      </Button>
      {asking ? (
        <Confirm
          title="Look after it no more?"
          does="Forget it"
          leaves="Keep looking"
          busy={busy}
          error={error}
          onDo={forget}
          onClose={() => setAsking(false)}
        >
          <p>
            If the disk ever comes back, the unfinished file on it stays until you remove it, and what is in
            it may be readable. The log says that you forgot it.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
