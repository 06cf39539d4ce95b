import { beforeAll, describe, expect, it } from 'vitest';
import { newShares, openShares } from '../../../src/main/unlock/shares.ts';
import { errorText } from '../../../src/messages/errors.ts';
import { asKeywardError } from '../../../src/shared/errors.ts';

type Set = Awaited<ReturnType<typeof newShares>>;
let set: Set;
let other: Set;
beforeAll(async () => {
  set = await newShares({ shares: 5, threshold: 3 });
  other = await newShares({ shares: 5, threshold: 3 });
});

const message = (given: readonly string[]) =>
  openShares(given).then(
    () => 'opened',
    (error: unknown) => errorText(asKeywardError(error)),
  );
const at = (from: Set, ...places: number[]) => places.map((place) => from.shares[place - 1] ?? '');

/** A share with one of its letters replaced by another one. */
function misread(share: string, place: number): string {
  return share.slice(0, place) + (share[place] === 'A' ? 'B' : 'A') + share.slice(place + 1);
}

describe('a set of five shares, three of which are needed', () => {
  it('gives its secret by every choice of three, of four and of all', async () => {
    for (let choice = 0; choice < 32; choice++) {
      const some = set.shares.filter((_, n) => (choice >> n) & 1);
      if (some.length === 0) continue;
      if (some.length < 3) expect(await message(some)).toContain('3 different shares of this set are needed');
      else expect((await openShares(some)).secret.equals(set.secret)).toBe(true);
    }
  });

  it('names the one that is misread, wherever, and the one that is none', async () => {
    const [first = '', second = '', third = ''] = set.shares;
    for (const place of [9, 30, 60, second.length - 1]) {
      if (second[place] === '-') continue;
      expect(await message([first, misread(second, place), third])).toContain(
        'Share 2 of those that were given',
      );
    }
    expect(await message([first, second, 'abandon ability able'])).toContain(
      'Share 3 of those that were given',
    );
  });

  it('names the one of another set, and one that is given twice', async () => {
    expect(await message([...at(set, 1, 2), ...at(other, 3)])).toMatch(/different sets: share 3 .*number 3/);
    expect(await message(at(set, 1, 2, 2))).toContain('given twice counts once');
  });

  it('names the one that somebody made up, where there are enough without it', async () => {
    const forged = await forgedLike(set, 4);
    expect(await message([...at(set, 1, 2, 3), forged])).toContain('Share number 4 is not what was printed');
    expect(await message([...at(set, 1, 2), forged])).toContain('At least one of the shares');
  });

  it.each([
    [1, 1],
    [2, 3],
    [17, 3],
    [3, 1],
  ])('is not made of %d with %d needed', async (shares, threshold) => {
    await expect(newShares({ shares, threshold })).rejects.toMatchObject({ code: 'Usage' });
  });
});

/** A share of the set's number whose checksum holds, and whose content is not the set's. */
async function forgedLike(of: Set, index: number): Promise<string> {
  const { fromBase32, toBase32 } = await import('../../../src/main/crypto/base32.ts');
  const { sha256 } = await import('../../../src/main/crypto/hash.ts');
  const bytes = fromBase32((of.shares[index - 1] ?? '').replaceAll('-', '').slice('KWSHARE'.length));
  if (bytes === undefined) throw new Error('no share');
  bytes[25] = (bytes[25] ?? 0) ^ 1;
  sha256(bytes.subarray(0, -4)).copy(bytes, bytes.length - 4, 0, 4);
  return `KWSHARE${toBase32(bytes)}`;
}
