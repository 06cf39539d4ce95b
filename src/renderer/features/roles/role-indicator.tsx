import { UserRound } from 'lucide-react';
import { useState } from 'react';
import type { Role } from '../../../shared/roles.ts';
import { ROLE_TEXT } from '../../text/roles.ts';
import { StepUp } from './step-up.tsx';

/** Says in the corner that one has stepped down, and leads back up. */
export function RoleIndicator({ role }: { readonly role: Role | undefined }) {
  const [asking, setAsking] = useState(false);
  if (role === undefined) return null;
  return (
    <>
      <button type="button" className="place role" onClick={() => setAsking(true)}>
        <UserRound size={16} aria-hidden />
        {ROLE_TEXT[role].word}
        <span className="hidden">: step up to owner</span>
      </button>
      {asking ? <StepUp onClose={() => setAsking(false)} /> : null}
    </>
  );
}
