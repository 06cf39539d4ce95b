import { z } from 'zod';
import type { ErrorDetails } from './errors.ts';

/* What a vault finds on itself: what it is about, how grave it is, and what it means. The next step is the face's. */

/**
 * How grave a finding is. `damage`: something does not hold, or may be lost. `warning`: it holds, and something is to be
 * done. `note`: worth knowing.
 */
const level = z.enum(['damage', 'warning', 'note']);

/** Every kind of finding with how grave it is. */
const KINDS = {
  // Damage
  Rescue: 'damage',
  RowDamaged: 'damage',
  RecordsDamaged: 'damage',
  VaultDamaged: 'damage',
  ProtectorDamaged: 'damage',
  LogBroken: 'damage',
  LogIndexChanged: 'warning',
  RecordsChanged: 'damage',
  SchemaChanged: 'damage',
  ProtectorsChanged: 'damage',
  LogChanged: 'damage',
  // Made whole, or told once
  PartialsChanged: 'warning',
  CatalogChanged: 'warning',
  JobsChanged: 'warning',
  KeysFileRenewed: 'warning',
  RevocationUnfinished: 'damage',
  TreeMended: 'warning',
  KeysFileBehind: 'warning',
  KeysFileNewer: 'warning',
  PartialRefused: 'warning',
  PartialKept: 'note',
  Unfinished: 'note',
  DamagedFileKept: 'note',
  // Ways in and copies
  OneWayIn: 'warning',
  NoBackup: 'warning',
  NoBackupPossible: 'warning',
  BackupFailed: 'warning',
  BackupOld: 'warning',
  BackupOnSameDisk: 'warning',
  NoSecondCopy: 'warning',
  NoDrill: 'warning',
  DrillOld: 'warning',
  VaultPutBack: 'warning',
  // Keys and log
  KeyRotationOverdue: 'warning',
  KeyRotationNear: 'note',
  KeyDeletionNear: 'warning',
  MaterialExpires: 'warning',
  LogUnwritable: 'warning',
  LogCut: 'note',
  // Surroundings
  HomeOpenToOthers: 'warning',
  DiskLow: 'warning',
  ClockBehind: 'warning',
  CoreDumpsAllowed: 'note',
} as const satisfies { readonly [kind: string]: z.output<typeof level> };

/** The kind of a finding. */
export type FindingKind = keyof typeof KINDS;

/** A kind of finding, as it crosses borders. */
export const findingKind = z.enum(Object.keys(KINDS) as [FindingKind, ...FindingKind[]]);

/** What became of a row that does not hold: it was read from the second file, it may be an old one, it is gone, it was put in. */
const ROW_VERDICTS = ['from-second-file', 'in-doubt', 'lost', 'added'] as const;

/** What was found: what it is about, and a sentence on what it means. */
export const finding = z.object({
  kind: findingKind,
  message: z.string(),
  /** Which sentence of `src/messages/` tells it, and what it is made with. */
  reason: z.string().optional(),
  params: (z.record(z.string(), z.unknown()) as unknown as z.ZodType<ErrorDetails>).optional(),
  /** Of `PartialKept`: the id that `partials.forget` takes. */
  partial: z.number().int().optional(),
  /** Of what is about a key: its id. */
  key: z.string().optional(),
  /** Of `RowDamaged`: which row, and what became of it. */
  row: z.object({ name: z.string(), verdict: z.enum(ROW_VERDICTS) }).optional(),
});

/** A finding with how grave it is. */
const healthFinding = finding.extend({ level });

/** Methods on the health of the open vault. `full`: every row and every entry of the log is checked too. */
export const healthMethods = {
  'health.check': {
    needs: 'keyward:ReadSettings',
    input: z.strictObject({ full: z.boolean() }),
    output: z.object({ full: z.boolean(), findings: z.array(healthFinding) }),
    progress: true,
  },
} as const;

/** What `doctor` tells, each finding with its next step; without `unlocked`, only what can be known of a locked vault. */
export const healthReport = z.object({
  home: z.string(),
  unlocked: z.boolean(),
  full: z.boolean(),
  findings: z.array(healthFinding.extend({ next: z.string() })),
});

export type Finding = z.output<typeof finding>;
export type HealthFinding = z.output<typeof healthFinding>;
export type HealthMethod = keyof typeof healthMethods;

/** Findings with how grave they are, the gravest first. */
export function byGravity(findings: readonly Finding[]): HealthFinding[] {
  const order = level.options;
  return findings
    .map((each) => ({ ...each, level: KINDS[each.kind] }))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** What a later unlock can't mend and its owner has to decide: each command that unlocks says it anew. */
const UNTIL_DECIDED: readonly FindingKind[] = ['KeysFileNewer'];

/** Of what was found, what every command that unlocks the vault tells beside its results. */
export function toldAtUnlock(findings: readonly Finding[]): Finding[] {
  return findings.filter((each) => UNTIL_DECIDED.includes(each.kind));
}
