import { Radio } from 'lucide-react';
import { flushSync } from 'react-dom';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { useView } from '../../data/view.ts';
import { ENDPOINT_HEADING } from './endpoint.tsx';

/** Says in the corner that the endpoint listens, and leads to where it is stopped. */
export function EndpointIndicator({ endpoint }: Pick<WindowStatus, 'endpoint'>) {
  const go = useView((view) => view.go);
  if (endpoint === undefined) return null;
  const show = () => {
    flushSync(() => go('settings'));
    document.getElementById(ENDPOINT_HEADING)?.focus();
  };
  return (
    <button type="button" className="place" onClick={show}>
      <Radio size={16} aria-hidden />
      Endpoint on
    </button>
  );
}
