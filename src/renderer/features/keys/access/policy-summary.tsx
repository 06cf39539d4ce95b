import { Badge } from '../../../components/badge.tsx';
import { escaped } from '../../../text/file-names.ts';
import { capital } from '../../../text/format.ts';
import type { StatementSummary } from '../../../text/policy-summary.ts';

/** What a policy says, statement by statement. */
export function PolicySummary({ of: statements }: { readonly of: readonly StatementSummary[] | undefined }) {
  if (statements === undefined) {
    return <p className="soft">It can be put into words once it can be read.</p>;
  }
  return (
    <ol className="readings">
      {statements.map((statement, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: statements have no ids, their order is the policy's
        <li key={n}>
          <p className="reading-title">
            <Badge tone={statement.allows ? 'good' : 'bad'} word={statement.allows ? 'Allows' : 'Denies'} />
            <bdi className="small soft">{escaped(statement.title)}</bdi>
          </p>
          <p className="text">
            <bdi>{escaped(sentence(statement))}</bdi>
          </p>
          {statement.conditions.length === 0 ? null : (
            <>
              <p className="small soft">{statement.allows ? 'but only if' : 'if'}</p>
              <ul className="bullets">
                {statement.conditions.map((condition) => (
                  <li key={condition} className="text">
                    <bdi>{escaped(condition)}</bdi>
                  </li>
                ))}
              </ul>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

function sentence({ allows, who, what, where }: StatementSummary): string {
  const subject = allows
    ? `${who} may`
    : who.startsWith('everybody')
      ? `${who.replace('everybody', 'nobody')} may`
      : `${who} may not`;
  return capital(`${subject} ${what}${where === undefined ? '' : ` ${where}`}`);
}
