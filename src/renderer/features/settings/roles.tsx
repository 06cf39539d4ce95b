import { useState } from 'react';
import { ROLES, type Role } from '../../../shared/roles.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useMutation } from '../../data/mutation.ts';
import { loadStatus } from '../../data/status.ts';
import { ROLE_TEXT } from '../../text/roles.ts';
import { StepUp } from '../roles/step-up.tsx';

/** Stepping down to a role that can do less, and up again. */
export function Roles({ role: now }: { readonly role: Role | undefined }) {
  const [asking, setAsking] = useState(false);
  const { busy, error, change } = useMutation();
  const stepDown = (role: Role) =>
    change(`You are ${ROLE_TEXT[role].word.toLowerCase()} now.`, async () => {
      await ask('vault.stepDown', { role });
      await loadStatus();
    });
  return (
    <section>
      <h2>Your role</h2>
      <p className="small soft">
        {now === undefined
          ? 'You are the owner. Step down so that nobody at this machine, you included, does more than is meant, in the window or by a command. Stepping up asks for the passphrase; locking ends it too.'
          : `You have stepped down to ${ROLE_TEXT[now].word.toLowerCase()}. ${ROLE_TEXT[now].about}`}
      </p>
      <ErrorNote error={error} />
      {ROLES.filter((role) => role !== now && now !== 'auditor').map((role) => (
        <div key={role} className="setting">
          <div>
            {ROLE_TEXT[role].word}
            <p className="small soft">{ROLE_TEXT[role].about}</p>
          </div>
          <Button busy={busy} onPress={() => stepDown(role)}>
            Step down to {ROLE_TEXT[role].word.toLowerCase()}
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
