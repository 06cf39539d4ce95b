import type { FindingKind } from '../shared/findings.ts';
import { FINDING_STEPS } from './en/finding-steps.ts';
import { format } from './format.ts';

/** What to do about a finding with the command. */
export function findingStep(kind: FindingKind): string {
  return format(FINDING_STEPS[kind]);
}
