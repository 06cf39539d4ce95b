import { Badge } from '../../../components/badge.tsx';
import { capital } from '../../../words/format.ts';
import { escaped } from '../../../words/names.ts';
import type { Reading } from '../../../words/policy.ts';

/** What a policy says, statement by statement. */
export function ReadingList({ of: readings }: { readonly of: readonly Reading[] | undefined }) {
  if (readings === undefined) {
    return <p className="soft">It can be put into words once it can be read.</p>;
  }
  return (
    <ol className="readings">
      {readings.map((reading, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: statements have no ids, their order is the policy's
        <li key={n}>
          <p className="reading-title">
            <Badge tone={reading.allows ? 'good' : 'bad'} word={reading.allows ? 'Allows' : 'Denies'} />
            <bdi className="small soft">{escaped(reading.title)}</bdi>
          </p>
          <p className="text">
            <bdi>{escaped(sentence(reading))}</bdi>
          </p>
          {reading.conditions.length === 0 ? null : (
            <>
              <p className="small soft">{reading.allows ? 'but only if' : 'if'}</p>
              <ul className="bullets">
                {reading.conditions.map((condition) => (
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

function sentence({ allows, who, what, where }: Reading): string {
  const subject = allows
    ? `${who} may`
    : who.startsWith('everybody')
      ? `${who.replace('everybody', 'nobody')} may`
      : `${who} may not`;
  return capital(`${subject} ${what}${where === undefined ? '' : ` ${where}`}`);
}
