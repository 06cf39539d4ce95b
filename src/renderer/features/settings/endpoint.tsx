import { useId, useState } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { endpointEnvironment } from '../../../shared/endpoint-environment.ts';
import { ask } from '../../bridge.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Copied, CopyButton } from '../../components/copy.tsx';
import { Facts } from '../../components/inspector-pane.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { announce } from '../../data/jobs.ts';
import { useAction } from '../../data/query.ts';
import { setStatus } from '../../data/status.ts';
import { clockTime, day } from '../../text/format.ts';

/** The heading of the section, for what leads there. */
export const ENDPOINT_HEADING = 'endpoint-heading';

/** The KMS endpoint: whether it listens, starting and stopping it, and what programs need to be told. */
export function EndpointSection({ status }: { readonly status: WindowStatus }) {
  return (
    <section>
      <h2 id={ENDPOINT_HEADING} tabIndex={-1}>
        KMS endpoint for AWS tools
      </h2>
      <p className="small soft">
        Programs on this computer that speak AWS KMS, such as AWS CLI, can use keys of this vault, each with
        the access key of a client below. Nothing listens unless it is started, and it stops when the vault
        locks.
      </p>
      {status.endpoint === undefined ? <Off /> : <On status={status} endpoint={status.endpoint} />}
    </section>
  );
}

function Off() {
  const id = useId();
  const [port, setPort] = useState('');
  const { busy, error, run } = useAction();
  const wrong = !/^\d{0,5}$/.test(port) || Number(port) > 65_535;
  const start = () =>
    run(async () => {
      setStatus(await ask('endpoint.start', { port: Number(port) }));
      announce('The endpoint listens.');
    });
  return (
    <>
      <form
        className="setting"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !wrong) start();
        }}
      >
        <div>
          <Badge tone="quiet" word="Off" />
        </div>
        <div className="pick">
          <label htmlFor={`${id}-port`} className="small">
            Port
          </label>
          <input
            id={`${id}-port`}
            className="input small-input port numbers"
            inputMode="numeric"
            placeholder="a free one"
            autoComplete="off"
            spellCheck={false}
            maxLength={5}
            value={port}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={(event) => setPort(event.target.value.trim())}
          />
          <Button submit busy={busy || wrong}>
            Start the endpoint
          </Button>
        </div>
      </form>
      {wrong ? (
        <p id={`${id}-wrong`} className="badge bad" role="alert">
          A port is a number up to 65535. Leave it out to get a free one.
        </p>
      ) : null}
      <ErrorNote error={error} />
    </>
  );
}

function On({
  status: { region = '' },
  endpoint: { url, since, by },
}: {
  readonly status: WindowStatus;
  readonly endpoint: NonNullable<WindowStatus['endpoint']>;
}) {
  const { busy, error, run } = useAction();
  const lines = endpointEnvironment({ endpoint: url, region }).join('\n');
  const stop = () =>
    run(async () => {
      setStatus(await ask('endpoint.stop', {}));
      announce('The endpoint is off.');
    });
  return (
    <>
      <div className="setting">
        <div className="pick">
          <Badge tone="good" word="Listening" />
          <span className="small soft">
            since {clockTime(since)}, {day(since)}
          </span>
        </div>
        {by === 'window' ? (
          <Button busy={busy} onPress={stop}>
            Stop the endpoint
          </Button>
        ) : null}
      </div>
      <Facts
        of={[
          [
            'Address',
            <Copied key="url" what="the address">
              {url}
            </Copied>,
          ],
        ]}
      />
      <div className="pick">
        <p className="small">For the shell in which the programs run; put in the access key of a client:</p>
        <CopyButton text={`${lines}\n`} what="the lines for a shell" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="pem" tabIndex={0} aria-label="Environment for AWS tools">
        <pre className="mono">{lines}</pre>
      </section>
      <p className="small soft">
        {by === 'window'
          ? 'While it listens, the vault does not lock for not being used.'
          : 'keyward serve has started it and stops it, with Ctrl-C in its terminal.'}
      </p>
      <ErrorNote error={error} />
    </>
  );
}
