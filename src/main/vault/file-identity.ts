import { resolve } from 'node:path';
import { fail } from '../../shared/errors.ts';
import type { FileFacts } from '../disk/file.ts';
import { foldedPath, isListed } from '../disk/same-name.ts';
import { factsAt } from '../disk/tree.ts';
import { DigestSet } from './digest-set.ts';

/** What tells a file from every other one that exists at the same time: its device and inode. */
export function identityOf(facts: FileFacts): string {
  return `${facts.device}:${facts.inode}`;
}

/** Whether a path, links followed, still stands for the file of these facts. */
export async function isStill(path: string, facts: FileFacts): Promise<boolean> {
  const named = await factsAt(path, true);
  return named !== undefined && identityOf(named) === identityOf(facts);
}

/** The files that a job has made, whatever their names are on this disk: no two of its sources share an output. */
export class OutputsMade {
  readonly #identities = new DigestSet();
  /** Their paths, and what disks that fold names may take for them. */
  readonly #paths = new DigestSet();
  readonly #folded = new DigestSet();
  #last: Promise<unknown> = Promise.resolve();

  /** Notes a file that has its final name, or is about to get it. */
  add(target: string, identity: string): void {
    this.#identities.add(identity);
    this.#paths.add(resolve(target));
    this.#folded.add(foldedPath(target));
  }

  /** Throws `TargetExists` if this job has made what stands at `target` (pitfalls 18, 19 and 51). */
  async refuse(target: string): Promise<void> {
    if (this.#identities.size === 0) return;
    const there = await factsAt(target, false);
    if (there === undefined) return;
    if (!this.#identities.has(identityOf(there)) && !(await this.#isNamedLikeOne(target))) return;
    throw fail('target-of-this-job', { path: target });
  }

  /** Some disks give a file another inode for each spelling of its name. */
  async #isNamedLikeOne(target: string): Promise<boolean> {
    if (!this.#folded.has(foldedPath(target))) return false;
    return this.#paths.has(resolve(target)) || !(await isListed(target));
  }

  /** Runs a rename that replaces what stands at `target`, one at a time. Throws as `refuse` does. */
  replacing(target: string, identity: string, rename: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(async () => {
      await this.refuse(target);
      this.add(target, identity);
      await rename();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
