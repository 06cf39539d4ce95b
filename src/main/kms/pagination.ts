import { awsError } from '../../shared/errors.ts';
import { seal, unseal } from '../crypto/aead.ts';
import type { PageInput, PageOutput } from './types.ts';
import { requireLength, requireRange } from './validate.ts';

const INFO = 'keyward/1/list-marker';

/** How long pages are: without a `Limit`, and at most. */
type PageSize = { readonly usual: number; readonly most: number };

const MAX_LIMIT = 1_000;

/** Pages of AWS's longer lists. */
export const LONG_PAGES: PageSize = { usual: 100, most: MAX_LIMIT };

/** Pages of lists of aliases and grants: AWS's model takes a `Limit` of 1,000, its documentation has 100. */
export const SHORT_PAGES: PageSize = { usual: 50, most: 100 };

/**
 * Cuts lists into pages. A marker is the name of the last item, sealed and bound to its list, so that nobody
 * builds one or takes it to another list.
 */
export class Pages {
  readonly #key: Buffer;

  /** `key`: 32 bytes; it stays the caller's. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /**
   * The page that `input` asks for out of `items`, which are sorted by `nameOf`, and how the list goes on.
   * `list` names the list, filters included. A `Limit` beyond the longest page gives that page. Throws `ValidationException` or `InvalidMarkerException`.
   */
  cut<T>(
    list: string,
    items: readonly T[],
    nameOf: (item: T) => string,
    input: PageInput,
    size: PageSize,
  ): { page: T[]; more: PageOutput } {
    return this.fetch(
      list,
      (after, limit) => items.filter((item) => nameOf(item) > after).slice(0, limit),
      nameOf,
      input,
      size,
    );
  }

  /** As `cut`, of a list that is too long to be read whole: `from` gives up to `limit` items after a name, '' at first. */
  fetch<T>(
    list: string,
    from: (after: string, limit: number) => readonly T[],
    nameOf: (item: T) => string,
    input: PageInput,
    size: PageSize,
  ): { page: T[]; more: PageOutput } {
    const asked = input.Limit ?? size.usual;
    requireRange('limit', asked, 1, MAX_LIMIT);
    const limit = Math.min(asked, size.most);
    const after = input.Marker === undefined ? '' : this.#open(list, input.Marker);
    const found = from(after, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    if (last === undefined || page.length === found.length) return { page, more: { Truncated: false } };
    const marker = seal(this.#key, INFO, Buffer.from(list), Buffer.from(nameOf(last)));
    return { page, more: { Truncated: true, NextMarker: marker.toString('base64url') } };
  }

  #open(list: string, marker: string): string {
    requireLength('marker', marker, 1, 1_024);
    const name = unseal(this.#key, INFO, Buffer.from(list), Buffer.from(marker, 'base64url'));
    if (name !== undefined) return name.toString();
    throw awsError(
      'InvalidMarkerException',
      'The marker does not belong to this list. Use the NextMarker of the page before, unchanged.',
    );
  }
}
