import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Claim, claimHome } from '../../../src/main/api/index.ts';
import { vaultPorts } from '../../../src/main/vault-ports.ts';

let folder: string;
let other: Claim;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-ports-'));
  const claim = await claimHome(folder);
  if (claim === undefined) throw new Error('the home is taken');
  other = claim;
});

afterEach(async () => {
  await other.release();
  rmSync(folder, { recursive: true, force: true });
});

describe('the window’s claim', () => {
  const ports = () => vaultPorts(folder, () => undefined);

  it('waits for who only looks at the vault, as a status does', async () => {
    setTimeout(() => other.release(), 200);
    const claim = await ports().claim();
    expect(claim).toBeDefined();
    await claim?.release();
  });

  it('does not wait for ever', async () => {
    const begun = performance.now();
    expect(await ports().claim()).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
