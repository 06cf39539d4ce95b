import type { FileResult } from '../../shared/file-result.ts';

/** How many items make a page. */
export const PAGE_ITEMS = 1_000;

/** How many pages a job keeps; of later items only the outcome is counted. */
const MAX_PAGES = 128;

/** Seals a page; opens one, `undefined` if it is not as it was written. */
type PageSeal = {
  seal(page: number, items: readonly FileResult[]): Buffer;
  open(page: number, sealed: Buffer): FileResult[] | undefined;
};

/**
 * The settled items of a running job, in pages: the last one stands open, full ones are sealed at once and kept only
 * until the database has them, so that a job over very many files takes little memory.
 */
export class ItemPages {
  readonly #seal: PageSeal;
  #full = 0;
  #open: FileResult[] = [];
  /** How many of the open page's items are in the database. */
  #saved = 0;
  /** Full pages that are not in the database. */
  readonly #waiting = new Map<number, Buffer>();
  #omitted = 0;

  constructor(seal: PageSeal) {
    this.#seal = seal;
  }

  /** How many items can be listed. */
  get count(): number {
    return this.#full * PAGE_ITEMS + this.#open.length;
  }

  /** How many pages there are, the open one included. */
  get pages(): number {
    return this.#full + (this.#open.length > 0 ? 1 : 0);
  }

  /** How many items were only counted. */
  get omitted(): number {
    return this.#omitted;
  }

  /** Adds a settled item. */
  add(item: FileResult): void {
    if (this.#full === MAX_PAGES) {
      this.#omitted++;
      return;
    }
    this.#open.push(item);
    if (this.#open.length < PAGE_ITEMS) return;
    this.#waiting.set(this.#full, this.#seal.seal(this.#full, this.#open));
    this.#full++;
    this.#open = [];
    this.#saved = 0;
  }

  /** What the database does not have, sealed. */
  unsaved(): { readonly page: number; readonly sealed: Buffer }[] {
    const pages = [...this.#waiting].map(([page, sealed]) => ({ page, sealed }));
    if (this.#open.length > this.#saved)
      pages.push({ page: this.#full, sealed: this.#seal.seal(this.#full, this.#open) });
    return pages;
  }

  /** What `unsaved` gave is in the database. */
  saved(): void {
    this.#waiting.clear();
    this.#saved = this.#open.length;
  }

  /** The items of a page that is not in the database alone; `undefined`: it is to be read there. */
  held(page: number): readonly FileResult[] | undefined {
    if (page === this.#full) return this.#open;
    const sealed = this.#waiting.get(page);
    return sealed === undefined ? undefined : this.#seal.open(page, sealed);
  }
}
