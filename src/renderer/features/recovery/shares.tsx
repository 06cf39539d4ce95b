import { useState } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Note } from '../../components/note.tsx';
import { announce } from '../../data/jobs.ts';
import { loadStatus } from '../../data/status.ts';
import { OwnerForm, shownKinds } from './owner-form.tsx';
import { PaperActions } from './paper.tsx';

/** Shares: papers for several people or places, some of which open the vault together. */
export function SharesSection({ status }: { readonly status: WindowStatus }) {
  const [asking, setAsking] = useState<'split' | 'end'>();
  const { shares } = status;
  const close = () => setAsking(undefined);
  return (
    <section aria-labelledby="shares-heading">
      <h2 id="shares-heading">Shares</h2>
      {shares === undefined ? (
        <p className="soft">
          Papers for several people or places. Some of them open the vault and its backups together, such as
          any three of five; fewer say nothing about it.
        </p>
      ) : (
        <p>
          {shares.threshold} of {shares.shares} shares open it.{' '}
          <span className="soft">Backups made before that open with the recovery phrase only.</span>
        </p>
      )}
      <div className="actions">
        <Button onPress={() => setAsking('split')}>
          {shares === undefined ? 'Make shares…' : 'Make others…'}
        </Button>
        {shares === undefined ? null : (
          <Button look="danger" onPress={() => setAsking('end')}>
            End them…
          </Button>
        )}
      </div>
      {asking === 'split' ? <Split status={status} onClose={close} /> : null}
      {asking === 'end' ? <End status={status} onClose={close} /> : null}
    </section>
  );
}

type Props = { readonly status: WindowStatus; readonly onClose: () => void };

const MOST = 16;

function Split({ status, onClose }: Props) {
  const [count, setCount] = useState({ shares: 5, threshold: 3 });
  const [paper, setPaper] = useState<string>();
  if (paper !== undefined) return <PrintShares paper={paper} {...count} onClose={onClose} />;
  return (
    <Dialog title="Make shares" onClose={onClose}>
      <div className="setting">
        <label htmlFor="share-count">How many there are</label>
        <Numbers
          id="share-count"
          from={2}
          to={MOST}
          chosen={count.shares}
          onChoose={(shares) => setCount({ shares, threshold: Math.min(count.threshold, shares) })}
        />
      </div>
      <div className="setting">
        <label htmlFor="share-threshold">How many of them open the vault</label>
        <Numbers
          id="share-threshold"
          from={2}
          to={count.shares}
          chosen={count.threshold}
          onChoose={(threshold) => setCount({ ...count, threshold })}
        />
      </div>
      {status.shares === undefined ? null : (
        <Note tone="warn">
          The shares that there are end: they open neither the vault nor backups that are made from now on.
        </Note>
      )}
      <OwnerForm
        by={shownKinds(status)}
        does="Make them"
        doing="Making them…"
        onClose={onClose}
        onDo={async (shown) => {
          const made = await ask('recovery.split', { ...count, shown });
          await loadStatus();
          setPaper(made.paper);
        }}
      />
    </Dialog>
  );
}

type NumbersProps = {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly chosen: number;
  readonly onChoose: (n: number) => void;
};

function Numbers({ id, from, to, chosen, onChoose }: NumbersProps) {
  return (
    <select
      id={id}
      className="select"
      value={chosen}
      onChange={(event) => onChoose(Number(event.target.value))}
    >
      {Array.from({ length: to - from + 1 }, (_, n) => from + n).map((n) => (
        <option key={n}>{n}</option>
      ))}
    </select>
  );
}

type PrintProps = {
  readonly paper: string;
  readonly shares: number;
  readonly threshold: number;
  readonly onClose: () => void;
};

/** Shares that were just made, which are gone from here once this is closed. */
function PrintShares({ paper, shares, threshold, onClose }: PrintProps) {
  const [isKept, setKept] = useState(false);
  const [isSure, setSure] = useState(false);
  const close = () => (isKept || isSure ? onClose() : setSure(true));
  return (
    <Dialog title={`${shares} shares, one to a page`} onClose={close}>
      <p>
        They were put together and opened the vault: any {threshold} of them do. Give each to another person
        or place, and none to where a backup is.
      </p>
      <PaperActions paper={paper} secret onKept={() => setKept(true)} />
      {isSure && !isKept ? (
        <Note tone="warn">
          They were neither printed nor saved, and can’t be shown again. Without paper they are of no use; you
          can make others at any time.
        </Note>
      ) : null}
      <div className="actions end">
        <Button onPress={close}>{isSure && !isKept ? 'Close all the same' : 'Done'}</Button>
      </div>
    </Dialog>
  );
}

function End({ status, onClose }: Props) {
  return (
    <Dialog title="End the shares?" onClose={onClose}>
      <p>
        They open neither the vault nor backups that are made from now on. Copies of the vault and backups
        that were made before still open with them.
      </p>
      <OwnerForm
        by={shownKinds(status)}
        does="End them"
        doing="Ending them…"
        leaves="Keep them"
        look="danger"
        onClose={onClose}
        onDo={async (shown) => {
          await ask('recovery.unsplit', { shown });
          await loadStatus();
          announce('The shares open the vault no longer.');
          onClose();
        }}
      />
    </Dialog>
  );
}
