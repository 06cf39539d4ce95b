import { claimHome, openRepair } from '../../src/main/api/index.ts';
import type { RepairPlan } from '../../src/shared/repair-contract.ts';

type Options = Omit<Parameters<typeof openRepair>[1], 'credential'> & {
  readonly phrase: string;
  /** Instead of the phrase. */
  readonly passphrase?: string;
  readonly dryRun?: boolean;
};

/** Repairs the vault at `home` as `keyward repair --yes` does; `undefined`: there was nothing to repair. */
export async function repaired(
  home: string,
  { phrase, passphrase, dryRun, ...rest }: Options,
): Promise<RepairPlan | undefined> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('somebody else has the home');
  try {
    const credential =
      passphrase === undefined
        ? ({ kind: 'recovery-phrase', phrase } as const)
        : ({ kind: 'passphrase', bytes: Buffer.from(passphrase) } as const);
    const found = await openRepair(claim, { ...rest, credential });
    try {
      if (dryRun !== true) await found?.apply(new AbortController().signal, () => undefined);
      return found?.plan;
    } finally {
      found?.end();
    }
  } finally {
    await claim.release();
  }
}

/** What is told of each row, as `action row`, sorted. */
export function stepsOf(plan: RepairPlan | undefined): string[] {
  return (plan?.steps ?? []).map(({ row, action }) => `${action} ${row}`).sort();
}
