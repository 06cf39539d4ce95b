import { z } from 'zod';

/* What a vault finds on itself: what it is about, how grave it is, what it means, and the next step. */

/**
 * How grave a finding is. `damage`: something does not hold, or may be lost. `warning`: it holds, and something is to be
 * done. `note`: worth knowing.
 */
const level = z.enum(['damage', 'warning', 'note']);

/** Every kind of finding with how grave it is and its next step, as a command where there is one. */
const KINDS = {
  // Damage
  Rescue: ['damage', 'keyward repair --dry-run'],
  RowDamaged: ['damage', 'keyward repair --dry-run'],
  RecordsDamaged: ['damage', 'keyward lock, then keyward repair --dry-run'],
  VaultDamaged: ['damage', 'keyward repair --dry-run'],
  ProtectorDamaged: ['damage', 'keyward protectors replace'],
  LogBroken: ['damage', 'Keep a copy of the folder of the vault, then compare: keyward audit verify'],
  LogIndexChanged: ['warning', 'keyward audit reindex'],
  RecordsChanged: [
    'damage',
    'keyward lock; the next unlock turns to rescue unless it was put back as it was',
  ],
  SchemaChanged: ['damage', 'keyward lock; the next unlock turns to rescue unless it was put back as it was'],
  ProtectorsChanged: [
    'damage',
    'keyward protectors add, or replace, before the vault is locked; otherwise the next unlock turns to rescue',
  ],
  LogChanged: ['damage', 'Keep a copy of the folder of the vault, then compare: keyward audit verify'],
  // Made whole, or told once
  PartialsChanged: ['warning', 'keyward audit list'],
  CatalogChanged: ['warning', 'keyward rewrap, for files that should be entered anew'],
  JobsChanged: ['warning', 'keyward audit list'],
  KeysFileRenewed: ['warning', 'Check the disk if it happens again.'],
  RevocationUnfinished: ['damage', 'Revoke it once more: keyward protectors revoke'],
  TreeMended: ['warning', 'Check the disk if it happens again.'],
  KeysFileBehind: ['warning', 'Free some space; the next unlock writes it.'],
  KeysFileNewer: ['warning', 'See docs/recovery.md, "An older vault.db".'],
  PartialRefused: ['warning', 'Look at the file that is named, and remove it if a crash left it.'],
  PartialKept: ['note', 'Bring its disk back, then unlock; if it is gone for good: keyward partials forget'],
  Unfinished: ['note', 'keyward unlock, which looks after it'],
  DamagedFileKept: ['note', 'Remove it once nothing is missing.'],
  // Ways in and copies
  OneWayIn: ['warning', 'keyward protectors add'],
  NoBackup: ['warning', 'keyward backup folders add FOLDER'],
  NoBackupPossible: [
    'warning',
    'keyward unlock --recovery-file FILE, or keyward protectors add recovery-phrase',
  ],
  BackupFailed: ['warning', 'keyward backup create --to FOLDER'],
  BackupOld: ['warning', 'keyward backup create --to FOLDER'],
  BackupOnSameDisk: ['warning', 'keyward backup folders add FOLDER, on another disk'],
  NoSecondCopy: ['warning', 'keyward backup create --to FOLDER'],
  NoDrill: ['warning', 'keyward recovery drill'],
  DrillOld: ['warning', 'keyward recovery drill'],
  VaultPutBack: ['warning', 'Lock the vault, keep a copy of its folder, and see docs/recovery.md.'],
  // Keys and log
  KeyRotationOverdue: ['warning', 'keyward keys rotate'],
  KeyRotationNear: ['note', 'Nothing is to be done: it rotates by itself at the next unlock.'],
  KeyDeletionNear: ['warning', 'keyward keys cancel-deletion, if it is to stay'],
  MaterialExpires: ['warning', 'Import its material again.'],
  LogUnwritable: ['warning', 'Free some space, or make the disk writable.'],
  LogCut: ['note', 'keyward audit verify'],
  // Surroundings
  HomeOpenToOthers: ['warning', 'chmod -R go= on the folder of the vault'],
  DiskLow: ['warning', 'Free some space.'],
  ClockBehind: ['warning', 'Set the clock.'],
  CoreDumpsAllowed: ['note', 'ulimit -c 0, before the command that holds the vault'],
} as const satisfies { readonly [kind: string]: readonly [z.output<typeof level>, next: string] };

/** The kind of a finding. */
export type FindingKind = keyof typeof KINDS;

/** A kind of finding, as it crosses borders. */
export const findingKind = z.enum(Object.keys(KINDS) as [FindingKind, ...FindingKind[]]);

/** What was found: what it is about, and a sentence on what it means. */
export const finding = z.object({
  kind: findingKind,
  message: z.string(),
  /** Of `PartialKept`: the id that `partials.forget` takes. */
  partial: z.number().int().optional(),
  /** Of what is about a key: its id. */
  key: z.string().optional(),
});

/** A finding with how grave it is and its next step. */
const healthFinding = finding.extend({ level, next: z.string() });

/** Methods on the health of the open vault. `full`: every row and every entry of the log is checked too. */
export const healthMethods = {
  'health.check': {
    needs: 'keyward:ReadSettings',
    input: z.strictObject({ full: z.boolean() }),
    output: z.object({ full: z.boolean(), findings: z.array(healthFinding) }),
    progress: true,
  },
} as const;

/** What `doctor` tells; without `unlocked`, only what can be known of a locked vault. */
export const healthReport = z.object({
  home: z.string(),
  unlocked: z.boolean(),
  full: z.boolean(),
  findings: z.array(healthFinding),
});

export type Finding = z.output<typeof finding>;
export type HealthFinding = z.output<typeof healthFinding>;
export type HealthMethod = keyof typeof healthMethods;

/** Findings with how grave they are and their next steps, the gravest first. */
export function withAdvice(findings: readonly Finding[]): HealthFinding[] {
  const order = level.options;
  return findings
    .map((each) => ({ ...each, level: KINDS[each.kind][0], next: KINDS[each.kind][1] }))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** What a later unlock can't mend and its owner has to decide: each command that unlocks says it anew. */
const UNTIL_DECIDED: readonly FindingKind[] = ['KeysFileNewer'];

/** Of what was found, what every command that unlocks the vault tells beside its results, in sentences. */
export function toldAtUnlock(findings: readonly Finding[]): string[] {
  return findings.filter((each) => UNTIL_DECIDED.includes(each.kind)).map(({ message }) => message);
}
