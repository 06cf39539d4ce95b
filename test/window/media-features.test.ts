import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { details, goTo, makeKey, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* What people ask of their system holds in the window too. */
describe('the system’s wishes', () => {
  const { test } = keyward();

  test('forced colours: what is chosen stands out, and all of it can be read', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    await goTo(page, 'Keys');
    await makeKey(page, 'Letters');
    await goTo(page, 'Files');
    const file = join(folder, 'Letter.txt');
    writeFileSync(file, 'Dear all');
    await app.drop(page, 'body', [file]);
    await details(page).getByText('In the log').waitFor();
    const cdp = await page.context().newCDPSession(page);
    for (const scheme of ['light', 'dark']) {
      await cdp.send('Emulation.setEmulatedMedia', {
        features: [
          { name: 'forced-colors', value: 'active' },
          { name: 'prefers-color-scheme', value: scheme },
        ],
      });
      for (const place of ['Files', 'Keys'] as const) {
        await goTo(page, place);
        await page.getByRole('main').locator('.row button.open').first().click();
        await details(page).waitFor();
        expect(await colours(page, '.place[aria-current="page"]'), `place, ${scheme}`).toEqual(filled);
        expect(await colours(page, '.row[data-chosen="true"]'), `row of ${place}, ${scheme}`).toEqual(filled);
      }
    }
    await cdp.send('Emulation.setEmulatedMedia', { features: [] });
    await cdp.detach();
  });

  test('reduced motion: nothing moves by itself, and nothing takes time to change', async ({ app }) => {
    const page = await app.page();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const place of ['Files', 'Keys', 'Activity', 'Settings'] as const) {
      await goTo(page, place);
      const slow = await page.evaluate(() =>
        [...document.querySelectorAll('*')]
          .filter((one) => /[1-9]/.test(getComputedStyle(one).transitionDuration))
          .map((one) => one.className),
      );
      expect(slow, place).toEqual([]);
    }
    expectNoComplaints(app);
  });
});

const filled = { ground: 'Highlight', texts: ['HighlightText'] };

/** The system's colours that an element and every text in it have. */
async function colours(page: Page, selector: string): Promise<{ ground: string; texts: string[] }> {
  return page.evaluate((chosen) => {
    const probe = document.createElement('div');
    probe.style.forcedColorAdjust = 'none';
    document.body.append(probe);
    const names = new Map<string, string>();
    for (const name of ['Canvas', 'CanvasText', 'ButtonText', 'Highlight', 'HighlightText']) {
      probe.style.backgroundColor = name;
      names.set(getComputedStyle(probe).backgroundColor, name);
    }
    probe.remove();
    const element = document.querySelector(chosen);
    if (element === null) return { ground: 'nothing there', texts: [] };
    const told = (colour: string) => names.get(colour) ?? colour;
    const holders = [element, ...element.querySelectorAll('*')].filter(
      (one) =>
        one instanceof SVGSVGElement ||
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== ''),
    );
    return {
      ground: told(getComputedStyle(element).backgroundColor),
      texts: [...new Set(holders.map((one) => told(getComputedStyle(one).color)))],
    };
  }, selector);
}
