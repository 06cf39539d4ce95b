import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Cdp } from '../host/cdp.ts';

describe('the host’s connection to Chromium', () => {
  it('lets whoever awaits an answer hear the events that came with it', async () => {
    const [write, read] = [new PassThrough(), new PassThrough()];
    const cdp = new Cdp(write, read);
    const heard: string[] = [];
    const asked = cdp.send('Page.enable', {}).then(() => {
      cdp.on('Page.loadEventFired', () => heard.push('load'));
    });
    const messages = [
      { id: 1, result: {} },
      { method: 'Page.loadEventFired', params: { timestamp: 1 } },
    ];
    read.write(messages.map((message) => `${JSON.stringify(message)}\0`).join(''));
    await asked;
    await expect.poll(() => heard).toEqual(['load']);
  });
});
