import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Console } from '../../../src/cli/console.ts';
import { requireNewPhraseShown, withNewPhrase } from '../../../src/cli/secrets/new-phrase.ts';
import type { Vault } from '../../../src/cli/vault/vault.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-new-phrase-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const consoleOf = (isTTY: boolean, json = false): Console =>
  ({
    ...{ json, canAsk: true, absolute: (path: string) => path },
    around: { stdout: { isTTY }, env: { KEYWARD_HOME: join(folder, 'home') } },
  }) as unknown as Console;

const vault = { call: async () => ({ phrase: Array(24).fill('abandon').join(' ') }) } as unknown as Vault;

describe('a new recovery phrase', () => {
  it('is shown on a terminal only, also where it is asked for in one', () => {
    expect(() => requireNewPhraseShown(consoleOf(false), undefined)).toThrow(
      expect.objectContaining({ code: 'Usage' }),
    );
    expect(() => requireNewPhraseShown(consoleOf(true, true), undefined)).toThrow();
    expect(() => requireNewPhraseShown(consoleOf(true), undefined)).not.toThrow();
    expect(() => requireNewPhraseShown(consoleOf(false, true), 'a file')).not.toThrow();
  });

  it.each([
    ['goes where nothing was changed', {}, false],
    ['stays where the vault may be under it', { rotated: true }, true],
  ])('%s', async (_, details, stays) => {
    const file = join(folder, 'paper');
    const failed = new KeywardError('DiskFull', 'The disk is full.', details);
    const made = withNewPhrase(consoleOf(false), vault, file, async () => Promise.reject(failed));
    await expect(made).rejects.toBe(failed);
    expect(existsSync(file)).toBe(stays);
  });
});
