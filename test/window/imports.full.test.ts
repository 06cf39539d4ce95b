import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { wrapFor } from '../unit/kms/import-support.ts';
import { details, goTo, openKey, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

type Case = {
  readonly name: string;
  readonly purpose: RegExp;
  readonly kind: string;
  readonly algorithm: string;
  readonly material: () => { readonly secret: Buffer; readonly pem?: string };
};

const pair = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) => ({
  secret: privateKey.export({ format: 'der', type: 'pkcs8' }),
  pem: String(publicKey.export({ format: 'pem', type: 'spki' })),
});
const rsa = () => pair(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
const curve = (namedCurve: string) => () => pair(generateKeyPairSync('ec', { namedCurve }));
const OAEP = 'RSAES_OAEP_SHA_256';
const TWOFOLD = 'RSA_AES_KEY_WRAP_SHA_256';

const CASES: readonly Case[] = [
  { name: 'Seal', purpose: /^Sign/, kind: 'RSA 2,048', algorithm: TWOFOLD, material: rsa },
  { name: 'Mail', purpose: /^Encrypt files/, kind: 'RSA 2,048', algorithm: TWOFOLD, material: rsa },
  {
    name: 'Curve',
    purpose: /^Sign/,
    kind: 'Elliptic curve P-256',
    algorithm: OAEP,
    material: curve('prime256v1'),
  },
  {
    name: 'Wide',
    purpose: /^Agree/,
    kind: 'Elliptic curve P-521',
    algorithm: OAEP,
    material: curve('secp521r1'),
  },
  {
    name: 'Edwards',
    purpose: /^Sign/,
    kind: 'Ed25519',
    algorithm: OAEP,
    material: () => pair(generateKeyPairSync('ed25519')),
  },
  {
    name: 'Code',
    purpose: /^Check/,
    kind: 'HMAC with SHA-256',
    algorithm: OAEP,
    material: () => ({ secret: randomBytes(32) }),
  },
];

/* Material of every kind of key that can be brought along, from files to the key that works with it. */
describe('material of other kinds', () => {
  const { test } = keyward();

  for (const { name, purpose, kind, algorithm, material } of CASES) {
    test(`is imported: ${kind}, ${name}`, async ({ app, folder }) => {
      const page = await app.page();
      if (name === CASES[0]?.name) await setUp(page);
      await makeWithout(page, name, purpose, kind);
      const own = join(folder, name);
      mkdirSync(own);
      // A wrapping key that is too short for the material is not offered.
      const lengths = await page.getByLabel('Wrapping key').locator('option').allTextContents();
      expect(lengths.includes('RSA 2,048')).toBe(name !== 'Wide');
      const key = await prepare(app, page, own);
      const { secret, pem } = material();
      const other = join(own, 'other.bin');
      writeFileSync(other, wrapFor(key, algorithm, material().secret.subarray(1)));
      const wrapped = join(own, 'wrapped.bin');
      writeFileSync(wrapped, wrapFor(key, algorithm, secret));
      await choose(app, page, 'Import token', join(own, fileIn(own, 'import-token-')));
      await choose(app, page, 'Wrapped material', other);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await choose(app, page, 'Wrapped material', wrapped);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Without material', { exact: true }).waitFor({ state: 'detached' });
      expect(await page.getByRole('tabpanel').locator('.timeline > li').count()).toBe(1);
      if (pem !== undefined) {
        await page.getByRole('tab', { name: 'Overview' }).click();
        const shown = page.getByRole('region', { name: 'Public key in PEM' });
        expect((await shown.textContent())?.trim()).toBe(pem.trim());
      }
      expectNoComplaints(app);
    });
  }
});

async function makeWithout(page: Page, name: string, purpose: RegExp, kind: string): Promise<void> {
  await goTo(page, 'Keys');
  await page.getByRole('button', { name: 'New key…' }).click();
  await page.getByRole('radio', { name: purpose }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('radio', { name: kind }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('I bring the key material myself').check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await details(page).getByText('Without material', { exact: true }).waitFor();
  await openKey(page, name);
  await page.getByRole('button', { name: 'Import the material' }).click();
}

/** Saves wrapping key and token to a folder; gives the wrapping key. */
async function prepare(app: App, page: Page, folder: string): Promise<Buffer> {
  await app.answer('showOpenDialog', { canceled: false, filePaths: [folder] });
  await page.getByRole('button', { name: 'Save wrapping key and token…' }).click();
  await page.getByText(/^Saved wrapping-key-/).waitFor();
  return readFileSync(join(folder, fileIn(folder, 'wrapping-key-')));
}

async function choose(app: App, page: Page, what: string, path: string): Promise<void> {
  await app.answer('showOpenDialog', { canceled: false, filePaths: [path] });
  await page.getByRole('button', { name: `Choose… ${what}` }).click();
}

function fileIn(folder: string, start: string): string {
  return readdirSync(folder).find((name) => name.startsWith(start)) ?? 'none';
}
