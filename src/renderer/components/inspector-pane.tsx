import { X } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { useView } from '../data/view.ts';
import { IconButton } from './button.tsx';

type Props = { readonly title: ReactNode; readonly under?: ReactNode; readonly children: ReactNode };

/** The panel on the right that says everything about one thing; Escape closes it. */
export function InspectorPane({ title, under, children }: Props) {
  const choose = useView((view) => view.choose);
  const panel = useRef<HTMLElement>(null);
  const leave = useCallback(() => {
    // The focus would go with the panel; its row had it before.
    if (panel.current?.contains(document.activeElement) === true) {
      document.querySelector<HTMLElement>('.row[data-chosen="true"] > .open')?.focus();
    }
    choose(null);
  }, [choose]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) leave();
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, [leave]);
  return (
    <aside ref={panel} className="inspector" aria-label="Details">
      <header>
        <div>
          <h2>{title}</h2>
          {under === undefined ? null : <p className="small soft text few-lines">{under}</p>}
        </div>
        <IconButton icon={X} label="Close details" onPress={leave} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="content" tabIndex={0} aria-label="All details">
        {children}
      </section>
    </aside>
  );
}

/** Facts as pairs. */
export function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One part of the panel. */
export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
