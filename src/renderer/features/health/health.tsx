import { useEffect, useState } from 'react';
import type { BridgeOutput, WindowStatus } from '../../../shared/bridge.ts';
import type { HealthFinding } from '../../../shared/findings.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { announce } from '../../data/jobs.ts';
import { useAction, useQuery } from '../../data/query.ts';
import { errorText } from '../../text/errors.ts';
import { findingTitle } from '../../text/findings.ts';
import { recoveryState } from '../../text/recovery.ts';
import { NextStepOf } from './next-step.tsx';

const LEVELS: readonly { readonly level: HealthFinding['level']; readonly word: string }[] = [
  { level: 'damage', word: 'Something is wrong' },
  { level: 'warning', word: 'To do' },
  { level: 'note', word: 'Worth knowing' },
];

/** Health: what is found on the vault and around it, what it means, and what to do. */
export function HealthPlace({ status }: { readonly status: WindowStatus }) {
  const quick = useQuery('health.check', { full: false });
  const [whole, setWhole] = useState<BridgeOutput<'health.check'>>();
  const { busy, error, run } = useAction();
  const noticed = JSON.stringify(status.findings);
  const { again } = quick;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the open vault notices by itself belongs here too
  useEffect(again, [noticed, again]);
  // What was found by reading everything holds until something newer is known.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer of the quick look is what is newer
  useEffect(() => setWhole(undefined), [quick.value]);
  const checkAll = () =>
    run(async () => {
      setWhole(await ask('health.check', { full: true }));
      announce('Everything was checked.');
    });
  const known = whole ?? quick.value;
  return (
    <>
      <header className="head">
        <h1>Health</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll padded" tabIndex={0} aria-label="All of health">
        <div className="column settings">
          <div className="stack">
            <ErrorNote error={quick.error} actions={<Button onPress={quick.again}>Try again</Button>} />
            {known === undefined ? null : <Verdict of={known.findings} />}
            <p className="soft">{recoveryState(status, new Date()).text}</p>
            <ErrorNote error={error} />
            {busy ? <WorkBar work="health" label="Everything is being checked" /> : null}
            <div className="actions">
              <Button busy={busy} onPress={checkAll}>
                {busy ? 'Reading the whole vault…' : 'Check everything'}
              </Button>
              <Button look="plain" busy={busy} onPress={quick.again}>
                Look again
              </Button>
            </div>
            <p className="small soft">
              {whole === undefined
                ? 'This is a quick look. “Check everything” reads each row of the vault and each line of its log.'
                : 'Each row of the vault and each line of its log was read.'}
            </p>
          </div>
          {LEVELS.map(({ level, word }) => (
            <Level
              key={level}
              word={word}
              level={level}
              findings={known?.findings.filter((each) => each.level === level) ?? []}
            />
          ))}
        </div>
      </section>
    </>
  );
}

function Verdict({ of: findings }: { readonly of: readonly HealthFinding[] }) {
  const wrong = findings.filter(({ level }) => level === 'damage').length;
  const open = findings.filter(({ level }) => level === 'warning').length;
  if (wrong + open === 0) return <Note tone="good">Nothing is to be done.</Note>;
  if (wrong === 0) return <Note tone="warn">{countText(open, 'thing')} to do.</Note>;
  const also = open === 0 ? '' : `, and ${countText(open, 'thing')} to do`;
  return (
    <Note tone="warn">
      {countText(wrong, 'thing')} wrong{also}. The gravest comes first.
    </Note>
  );
}

type LevelProps = {
  readonly word: string;
  readonly level: HealthFinding['level'];
  readonly findings: readonly HealthFinding[];
};

function Level({ word, level, findings }: LevelProps) {
  if (findings.length === 0) return null;
  const id = `health-${level}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{word}</h2>
      <ul className="findings">
        {findings.map((finding) => (
          <li key={`${finding.kind} ${finding.message}`}>
            <strong>{findingTitle(finding)}</strong>
            <p className="text">{errorText(finding)}</p>
            <div className="next">
              <NextStepOf finding={finding} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
