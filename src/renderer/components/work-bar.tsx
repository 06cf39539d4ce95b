import { useEffect, useState } from 'react';
import type { Work } from '../../shared/work-bridge.ts';
import { ask } from '../bridge.ts';
import { Button } from './button.tsx';

type Props = {
  readonly work: Work;
  /** What is done, for who can't see the bar. */
  readonly label: string;
};

/** How far something is that takes a while, and a button that stops it. */
export function WorkBar({ work, label }: Props) {
  const [far, setFar] = useState<{ readonly done: number; readonly total: number | null }>();
  const [stopping, setStopping] = useState(false);
  useEffect(
    () =>
      window.keyward.subscribe((event) => {
        if (event.type === 'work' && event.work === work) setFar(event);
      }),
    [work],
  );
  const known = far !== undefined && far.total !== null ? { value: far.done, max: far.total } : {};
  const stop = async () => {
    setStopping(true);
    await ask('work.cancel', { work });
  };
  return (
    <div className="stack">
      <progress className="restoring" aria-label={label} {...known} />
      <div className="actions">
        <Button look="compact" busy={stopping} onPress={stop}>
          {stopping ? 'Stopping…' : 'Stop'}
        </Button>
      </div>
    </div>
  );
}
