import { createPrivateKey } from 'node:crypto';

/** Bytes that must not be seen, with where they are from. */
export type Secret = { readonly name: string; readonly bytes: Uint8Array };

const PIECE = 16;

/**
 * Looks for secrets in bytes: any 16 of their bytes, counted from their beginning or their end in steps of 8, raw,
 * in hex, in base64 at every alignment, as UTF-8 of Latin-1, or as a list of numbers.
 */
export class Scanner {
  /** By their first 16 bytes, as Latin-1. */
  readonly #needles = new Map<string, { readonly needle: string; readonly secret: Secret }[]>();

  /** Adds a secret of at least 16 bytes. */
  add(secret: Secret): void {
    for (const piece of piecesOf(secret.bytes)) {
      for (const needle of formsOf(piece)) {
        const start = needle.slice(0, PIECE);
        const known = this.#needles.get(start);
        if (known === undefined) this.#needles.set(start, [{ needle, secret }]);
        else known.push({ needle, secret });
      }
    }
  }

  /** The secrets that stand in some bytes. */
  findIn(bytes: Uint8Array): Set<Secret> {
    const text = Buffer.from(bytes).toString('latin1');
    const found = new Set<Secret>();
    for (let at = 0; at + PIECE <= text.length; at++) {
      for (const { needle, secret } of this.#needles.get(text.slice(at, at + PIECE)) ?? []) {
        if (text.startsWith(needle, at)) found.add(secret);
      }
    }
    return found;
  }
}

function piecesOf(bytes: Uint8Array): Buffer[] {
  if (bytes.length < PIECE) throw new RangeError('too short to be told from chance');
  const starts = new Set<number>();
  for (let at = 0; at + PIECE <= bytes.length; at += PIECE / 2) starts.add(at).add(bytes.length - PIECE - at);
  return [...starts].map((at) => Buffer.from(bytes.subarray(at, at + PIECE)));
}

/** Each at least 16 long, as the bytes of a file or answer would be in Latin-1. */
function formsOf(piece: Buffer): string[] {
  const base64 = [0, 1, 2].flatMap((offset) => {
    // Characters that are of these bytes alone, whatever stands before and behind them.
    const characters = Buffer.concat([Buffer.alloc(offset), piece]).toString('base64');
    const inside = characters.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + PIECE) * 8) / 6));
    return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const raw = piece.toString('latin1');
  const hex = piece.toString('hex');
  return [
    raw,
    Buffer.from(raw, 'utf8').toString('latin1'),
    hex,
    hex.toUpperCase(),
    [...piece].join(),
    ...base64,
  ];
}

/** What is secret of a private key in PKCS #8: its numbers, not its modulus. */
export function numbersOf(name: string, pkcs8: Uint8Array): Secret[] {
  const jwk = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  });
  return [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].flatMap((number) =>
    number === undefined ? [] : [{ name, bytes: Buffer.from(number, 'base64url') }],
  );
}
