import { describe, expect, it } from 'vitest';
import { type Serve, WindowEndpoint } from '../../../src/main/ipc/endpoint.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

/** An owner that serves until its input ends or `cut` is called; port 1 is taken. */
function owner() {
  let cut: () => void = () => undefined;
  const serve: Serve = async (port, { input, output }) => {
    if (port === 1) throw new KeywardError('PortInUse', 'Something listens there already.');
    output.write('{}\n');
    const cancelled = new Promise<never>((_, reject) => {
      cut = () => reject(new KeywardError('Cancelled', 'The vault was locked.'));
    });
    const ended = (async () => {
      for await (const _ of input);
    })();
    await Promise.race([ended, cancelled]);
  };
  return { endpoint: new WindowEndpoint(serve), cut: () => cut() };
}

describe('the endpoint of the window', () => {
  it('serves from start to stop, and again', async () => {
    const { endpoint } = owner();
    for (let round = 0; round < 2; round++) {
      await endpoint.start(0);
      expect(endpoint.serving).toBe(true);
      await endpoint.stop();
      expect(endpoint.serving).toBe(false);
    }
  });

  it('says why it can’t listen, and serves nothing then', async () => {
    const { endpoint } = owner();
    await expect(endpoint.start(1)).rejects.toMatchObject({ code: 'PortInUse' });
    expect(endpoint.serving).toBe(false);
    await expect(endpoint.stop()).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('keeps what listens when a second start is refused', async () => {
    const { endpoint } = owner();
    await endpoint.start(0);
    await expect(endpoint.start(1)).rejects.toMatchObject({ code: 'PortInUse' });
    expect(endpoint.serving).toBe(true);
    await endpoint.stop();
  });

  it('is off when the lock cut it', async () => {
    const { endpoint, cut } = owner();
    await endpoint.start(0);
    cut();
    await expect.poll(() => endpoint.serving).toBe(false);
  });
});
