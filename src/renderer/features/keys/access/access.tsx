import type { KeyDetail } from '../../../../shared/contract.ts';
import { ExplainAccess } from './explain-access.tsx';
import { Grants } from './grants.tsx';
import { KeyPolicy } from './policy.tsx';

/** Who may do what with a key: its policy, the question why, its grants. */
export function Access({ of: key }: { readonly of: KeyDetail }) {
  return (
    <>
      <KeyPolicy of={key}>
        <ExplainAccess of={key} />
      </KeyPolicy>
      <Grants of={key} />
    </>
  );
}
