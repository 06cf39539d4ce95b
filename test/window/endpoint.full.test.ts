import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ListAliasesCommand } from '@aws-sdk/client-kms';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { BUILT } from '../support/command.ts';
import { clientOf } from '../support/endpoint.ts';
import { goTo, lock, PASSPHRASE, setUp, unlock } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* The KMS endpoint as the window starts, shows and stops it. */
describe('the endpoint', () => {
  const { test } = keyward();

  test('is off, is started and stopped by the keyboard, and serves AWS’s own client', async ({ app }) => {
    const page = await app.page();
    await setUp(page);
    expect(await corner(page).count()).toBe(0);
    await goTo(page, 'Settings');
    await section(page).getByText('Off', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'New client…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('laptop');
    await page.getByLabel('What it may do').selectOption('full');
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.getByText('The secret is shown this once').waitFor();
    await page.getByRole('button', { name: 'Copy both as lines for a shell' }).click();
    const onBoard = () => app.evaluate(({ clipboard }) => clipboard.readText(), null);
    await expect.poll(onBoard).toContain('AWS_SECRET_ACCESS_KEY');
    const pasted = await onBoard();
    const key = {
      accessKeyId: lineOf(pasted, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: lineOf(pasted, 'AWS_SECRET_ACCESS_KEY'),
    };
    await page.getByRole('button', { name: 'I have put it away' }).click();

    await section(page).getByLabel('Port').focus();
    await page.keyboard.press('Enter');
    await section(page).getByText('Listening', { exact: true }).waitFor();
    await page.getByRole('status').getByText('The endpoint listens.').waitFor({ state: 'attached' });
    const lines = await copied(page, 'Copy the lines for a shell');
    const endpoint = lineOf(lines, 'AWS_ENDPOINT_URL_KMS');
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await section(page).textContent()).toContain(endpoint);
    const facts = { endpoint, region: lineOf(lines, 'AWS_DEFAULT_REGION'), account: '000000000000' };
    const { Aliases } = await clientOf(facts, key).send(new ListAliasesCommand({}));
    expect(Aliases?.map(({ AliasName }) => AliasName)).toContain('alias/my-files');

    await goTo(page, 'Files');
    await corner(page).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('KMS endpoint');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Stop the endpoint');
    await page.keyboard.press('Enter');
    await section(page).getByText('Off', { exact: true }).waitFor();
    expect(await corner(page).count()).toBe(0);
    await expect(clientOf(facts, key).send(new ListAliasesCommand({}))).rejects.toThrow(/ECONNREFUSED/);
  });

  test('says that a port is taken and what to do, and that a word is no port', async ({ app }) => {
    const page = await app.page();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await section(page).getByLabel('Port').fill('70000');
    await section(page).getByRole('alert').getByText('a number up to 65535').waitFor();
    await section(page).getByLabel('Port').fill(`${port}`);
    await section(page).getByRole('button', { name: 'Start the endpoint' }).click();
    const told = `Something listens at 127.0.0.1:${port} already. Choose another port, or none to get a free one.`;
    await section(page).getByRole('alert').getByText(told).waitFor();
    other.close();
    await once(other, 'close');
    await page.keyboard.press('Enter');
    await section(page).getByText(`http://127.0.0.1:${port}`, { exact: true }).waitFor();
  });

  test('ends with the lock, and is not started again by the unlock', async ({ app }) => {
    await lock(await app.page());
    const page = await app.page();
    await unlock(page);
    await goTo(page, 'Settings');
    await section(page).getByText('Off', { exact: true }).waitFor();
  });

  test('is not for operators', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Step down to operator' }).click();
    await page.getByRole('button', { name: /^Operator/ }).waitFor();
    await section(page).getByRole('button', { name: 'Start the endpoint' }).click();
    const told = 'You as operator may not start the endpoint. Step up to owner to do it.';
    await section(page).getByRole('alert').getByText(told).waitFor();
    await page.getByRole('button', { name: /^Operator/ }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Step up', exact: true }).click();
    await page.getByRole('button', { name: /^Operator/ }).waitFor({ state: 'detached' });
  });

  test('that a command started is shown within seconds, and left to the command', async ({ app, home }) => {
    const page = await app.page();
    await goTo(page, 'Files');
    const command = spawn(process.execPath, [BUILT, 'serve', '--json'], {
      env: { ...process.env, KEYWARD_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(command.stdout, 'data');
    const { endpoint } = JSON.parse(String(line));
    await corner(page).click();
    await section(page).getByText(endpoint, { exact: true }).waitFor();
    await section(page).getByText('keyward serve has started it').waitFor();
    expect(await section(page).getByRole('button', { name: 'Stop the endpoint' }).count()).toBe(0);
    command.kill('SIGINT');
    const [code] = await once(command, 'exit');
    expect(code).toBe(0);
    await section(page).getByText('Off', { exact: true }).waitFor();
    expectNoComplaints(app);
  });
});

function section(page: Page): ReturnType<Page['locator']> {
  return page.locator('section', { has: page.getByRole('heading', { name: /^KMS endpoint/ }) }).last();
}

function corner(page: Page): ReturnType<Page['getByRole']> {
  return page.getByRole('button', { name: 'Endpoint on' });
}

/** What a button puts on the clipboard. */
async function copied(page: Page, button: string): Promise<string> {
  const text = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        // The page fills in the answer while the event is at the document.
        const look = (event: ClipboardEvent) => resolve(event.clipboardData?.getData('text/plain') ?? '');
        window.addEventListener('copy', look, { once: true });
      }),
  );
  await page.getByRole('button', { name: button }).click();
  return text;
}

function lineOf(text: string, name: string): string {
  return new RegExp(`${name}=(\\S+)`).exec(text)?.[1] ?? '';
}
