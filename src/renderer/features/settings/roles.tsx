import { useState } from 'react';
import { ROLES, type Role } from '../../../shared/roles.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useChange } from '../../data/change.ts';
import { loadStatus } from '../../data/status.ts';
import { ROLE_WORDS } from '../../words/roles.ts';
import { StepUp } from '../roles/step-up.tsx';

/** Stepping down to a role that can do less, and up again. */
export function Roles({ role: now }: { readonly role: Role | undefined }) {
  const [asking, setAsking] = useState(false);
  const { busy, error, change } = useChange();
  const stepDown = (role: Role) =>
    change(`You are ${ROLE_WORDS[role].word.toLowerCase()} now.`, async () => {
      await ask('vault.stepDown', { role });
      await loadStatus();
    });
  return (
    <section>
      <h2>Your role</h2>
      <p className="small soft">
        {now === undefined
          ? 'You are the owner. Step down so that nobody at this machine, you included, does more than is meant, in the window or by a command. Stepping up asks for the passphrase; locking ends it too.'
          : `You have stepped down to ${ROLE_WORDS[now].word.toLowerCase()}. ${ROLE_WORDS[now].about}`}
      </p>
      <ErrorNote error={error} />
      {ROLES.filter((role) => role !== now && now !== 'auditor').map((role) => (
        <div key={role} className="setting">
          <div>
            {ROLE_WORDS[role].word}
            <p className="small soft">{ROLE_WORDS[role].about}</p>
          </div>
          <Button busy={busy} onPress={() => stepDown(role)}>
            Step down to {ROLE_WORDS[role].word.toLowerCase()}
          </Button>
        </div>
      ))}
      {now === undefined ? null : (
        <div className="actions">
          <Button look="main" onPress={() => setAsking(true)}>
            Step up to owner…
          </Button>
        </div>
      )}
      {asking ? <StepUp onClose={() => setAsking(false)} /> : null}
    </section>
  );
}
