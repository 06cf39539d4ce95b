import { dirname, join, resolve, sep } from 'node:path';

/** Tells paths as the caller gave them: what lies at or below an argument by its words, anything else absolute. */
export class GivenPaths {
  readonly #cwd: string;
  readonly #words = new Map<string, string>();

  /** Arguments are taken against this folder. */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** An argument as an absolute path; a final slash stays, it says "a folder". */
  absolute(given: string): string {
    const whole = resolve(this.#cwd, given);
    this.#words.set(whole, given);
    return /[/\\]$/.test(given) && !/[/\\]$/.test(whole) ? `${whole}/` : whole;
  }

  /** An absolute path as the caller would write it. */
  asGiven(path: string): string {
    for (let above = path; ; above = dirname(above)) {
      const words = this.#words.get(above);
      if (words !== undefined)
        return above === path ? words : join(words, path.slice(above.length).replace(sep, ''));
      if (above === dirname(above)) return path;
    }
  }
}
