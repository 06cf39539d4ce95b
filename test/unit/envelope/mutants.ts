import { randomInt } from 'node:crypto';

/** So many mutants of each file; `KEYWARD_FUZZ_RUNS` says how many else, `KEYWARD_FUZZ_SEED` which. */
export const RUNS = Number(process.env['KEYWARD_FUZZ_RUNS'] ?? 150);
export const SEED = Number(process.env['KEYWARD_FUZZ_SEED'] ?? randomInt(2 ** 31));

/** One to three changes: bits, extreme numbers, cuts, additions, moved pieces. */
export function mutant(whole: Buffer, below: (most: number) => number): Buffer {
  let bytes = Buffer.from(whole);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(bytes.length - 8);
    switch (below(6)) {
      case 0:
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(8)), at);
        break;
      case 1:
        bytes.writeUInt32BE([0, 1, 0x7fff_ffff, 0xffff_ffff][below(4)] ?? 0, at);
        break;
      case 2:
        bytes = bytes.subarray(0, Math.max(16, at));
        break;
      case 3:
        bytes = Buffer.concat([bytes, Buffer.alloc(1 + below(300), below(256))]);
        break;
      case 4: {
        const from = below(bytes.length - 8);
        bytes.copy(bytes, at, from, from + below(5_000));
        break;
      }
      default:
        // The header's own numbers, which are few, get their share.
        bytes.writeUInt8(below(256), below(Math.min(bytes.length, 400)));
    }
  }
  return bytes;
}
