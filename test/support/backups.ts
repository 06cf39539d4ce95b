import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimHome, type RestoredVault, restoreVault } from '../../src/main/api/index.ts';
import { CHEAP, LiveVault } from './live-vault.ts';

/** A folder that stands for an empty machine: what is restored there is opened, or nothing is. */
export class NewMachine {
  readonly folder: string;
  readonly home: string;

  /** `parent`: where its disk is. */
  constructor(parent = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'keyward-machine-'));
    this.home = join(this.folder, 'home');
    mkdirSync(join(this.folder, 'files'));
  }

  /** Whether a vault has come to be here. */
  get hasVault(): boolean {
    return existsSync(join(this.home, 'vault.db'));
  }

  /** Restores a vault here, as `backup restore` does. */
  async restore(
    from: string,
    phrase: string | readonly string[],
    { passphrase = 'a new passphrase', also = [] }: { passphrase?: string; also?: string[] } = {},
  ): Promise<RestoredVault> {
    const claim = await claimHome(this.home);
    if (claim === undefined) throw new Error('somebody else has the home');
    try {
      const options = {
        from,
        ...{ phrase, also },
        passphrase: Buffer.from(passphrase),
        keychain: false,
        parts: { cost: CHEAP },
      };
      return await restoreVault(claim, options);
    } finally {
      await claim.release();
    }
  }

  /** Opens what was restored. */
  open(phrase: string): Promise<LiveVault> {
    return LiveVault.at(this.folder, phrase);
  }

  /** Removes everything. */
  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
