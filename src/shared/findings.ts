import type { Finding } from './contract.ts';

/** What a later unlock can't mend and its owner has to decide: each command that unlocks says it anew. */
const UNTIL_DECIDED: readonly Finding['kind'][] = ['KeysFileNewer'];

/** Of what was found, what every command that unlocks the vault tells beside its results, in sentences. */
export function toldAtUnlock(findings: readonly Finding[]): string[] {
  return findings.filter(({ kind }) => UNTIL_DECIDED.includes(kind)).map(({ message }) => message);
}
