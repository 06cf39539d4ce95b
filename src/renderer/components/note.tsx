import { Info, TriangleAlert } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useRef } from 'react';
import { errorText } from '../text/errors.ts';

type Props = {
  readonly tone?: 'plain' | 'good' | 'warn' | 'bad';
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  readonly place?: Ref<HTMLDivElement>;
};

/** Something to know, with what can be done about it. */
export function Note({ tone = 'plain', children, actions, place }: Props) {
  const Icon = tone === 'bad' || tone === 'warn' ? TriangleAlert : Info;
  return (
    <div ref={place} className={`note ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon size={16} aria-hidden />
      <div className="text">{children}</div>
      {actions === undefined ? null : <div className="actions">{actions}</div>}
    </div>
  );
}

/** What went wrong, in the error's own words, and a way out; of what was asked for by a form it comes in sight. */
export function ErrorNote({
  error,
  actions,
}: {
  readonly error: Parameters<typeof errorText>[0] | undefined;
  readonly actions?: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error !== undefined && place.current?.closest('form, dialog'))
      place.current.scrollIntoView({ block: 'nearest' });
  }, [error]);
  if (error === undefined) return null;
  return (
    <Note tone="bad" actions={actions} place={place}>
      {errorText(error)}
    </Note>
  );
}
