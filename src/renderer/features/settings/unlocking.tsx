import type { Settings } from '../../../shared/contract.ts';
import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useView } from '../../data/view.ts';
import { useSetting } from './setting.ts';

const MINUTES = [5, 15, 30, 60, 240, 0];

/** When the vault locks by itself, and where the ways to unlock are. */
export function Unlocking({ settings }: { readonly settings: Settings }) {
  const go = useView((view) => view.go);
  const { error, set } = useSetting('idle-minutes');
  const idle = settings['idle-minutes'];
  const choices = MINUTES.includes(idle) ? MINUTES : [idle, ...MINUTES];
  return (
    <section>
      <h2>Unlocking</h2>
      <div className="setting">
        <p className="soft">The ways in are on the page Recovery.</p>
        <Button onPress={() => go('recovery')}>Ways in…</Button>
      </div>
      <div className="setting">
        <div>
          <label htmlFor="idle">Lock when Keyward is not used</label>
          <p className="small soft">
            It also locks with the screen and when the computer sleeps. Running jobs are finished first.
          </p>
        </div>
        <select id="idle" className="select" value={idle} onChange={(event) => set(event.target.value)}>
          {choices.map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes === 0
                ? 'Never'
                : `for ${minutes < 60 ? countText(minutes, 'minute') : countText(minutes / 60, 'hour')}`}
            </option>
          ))}
        </select>
      </div>
      <ErrorNote error={error} />
    </section>
  );
}
