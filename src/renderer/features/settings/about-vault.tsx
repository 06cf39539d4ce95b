import type { WindowStatus } from '../../../shared/bridge.ts';
import { Mono } from '../../components/inline-text.tsx';
import { Facts } from '../../components/inspector-pane.tsx';
import { day } from '../../text/format.ts';

/** What there is to know of the vault and the program. */
export function AboutVault({ status }: { readonly status: WindowStatus }) {
  const tests = status.selfTests ?? [];
  const passed = tests.filter(({ ok }) => ok).length;
  return (
    <section>
      <h2>This vault</h2>
      <Facts
        of={[
          ['Kept in', <Mono key="home">{status.home}</Mono>],
          ['Made', status.createdAt === undefined ? 'not known' : day(status.createdAt)],
          ['Id', <Mono key="id">{status.vaultId ?? ''}</Mono>],
          ['Account', `${status.account ?? ''}, region ${status.region ?? ''}`],
          ['Self-tests', `${passed} of ${tests.length} passed at this start`],
          ['Program', `Keyward ${status.software} on ${status.runtime}`],
        ]}
      />
    </section>
  );
}
