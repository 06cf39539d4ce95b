import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Scanner } from './secrets.ts';

describe('the search', () => {
  it('finds any half of a secret in any form, wherever it stands', () => {
    const secret = { name: 'secret', bytes: randomBytes(32) };
    const scanner = new Scanner();
    scanner.add(secret);
    const finds = (bytes: Uint8Array | string) => scanner.findIn(Buffer.from(bytes)).size;
    for (const half of [secret.bytes.subarray(0, 16), secret.bytes.subarray(16)]) {
      for (let before = 0; before < 7; before++) {
        const bytes = Buffer.concat([randomBytes(before), half, randomBytes(5)]);
        const forms = [
          bytes,
          bytes.toString('latin1'),
          bytes.toString('hex'),
          bytes.toString('hex').toUpperCase(),
          bytes.toString('base64'),
          bytes.toString('base64url'),
          JSON.stringify(bytes),
          JSON.stringify({ text: bytes.toString('base64') }),
        ];
        expect(forms.map(finds)).toEqual(forms.map(() => 1));
      }
    }
    expect(finds(randomBytes(4_096))).toBe(0);
    expect(finds(secret.bytes.subarray(1, 16))).toBe(0);
  });
});
