import { fail } from '../../shared/errors.ts';

/** What is to be printed: the HTML of a document, and what its file is called. */
type Paper = { readonly html: Buffer; readonly name: 'kit' | 'shares' };

/** How many wait at most: a page that asks for ever more does not fill the memory. */
const MOST = 8;

/** Papers with secrets that wait to be printed: they stay in this process, and the page knows them by handles. */
export class Papers {
  readonly #papers = new Map<string, Paper>();

  /** Keeps one, and gives its handle; the oldest of too many is wiped. */
  keep(name: Paper['name'], html: string): string {
    const [oldest] = this.#papers.keys();
    if (this.#papers.size >= MOST && oldest !== undefined) this.forget(oldest);
    const id = `p-${crypto.randomUUID().replaceAll('-', '')}`;
    this.#papers.set(id, { name, html: Buffer.from(html, 'utf8') });
    return id;
  }

  /** One by its handle. Throws `NotFoundException`. */
  get(id: string): Paper {
    const paper = this.#papers.get(id);
    if (paper !== undefined) return paper;
    throw fail('paper-no-longer-kept');
  }

  /** Wipes one. */
  forget(id: string): void {
    this.#papers.get(id)?.html.fill(0);
    this.#papers.delete(id);
  }

  /** Wipes all. */
  clear(): void {
    for (const id of [...this.#papers.keys()]) this.forget(id);
  }
}
