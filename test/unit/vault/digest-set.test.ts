import { describe, expect, it } from 'vitest';
import { DigestSet } from '../../../src/main/vault/digest-set.ts';

describe('a set of digests', () => {
  it('has what was added, once, and nothing else', () => {
    const set = new DigestSet();
    expect(set.has('')).toBe(false);
    for (const text of ['', 'a', 'a', 'ä', 'a\0', '1:2', '12:']) set.add(text);
    expect(set.size).toBe(6);
    for (const text of ['', 'a', 'ä', 'a\0', '1:2', '12:']) expect(set.has(text)).toBe(true);
    for (const text of ['b', 'A', '1:', '\0a']) expect(set.has(text)).toBe(false);
  });

  it('keeps all of them while it grows (pitfall 69)', () => {
    const set = new DigestSet();
    for (let n = 0; n < 50_000; n++) set.add(`/home/ada/Documents/folder-${n}/receipt-${n}.pdf.keyward`);
    expect(set.size).toBe(50_000);
    for (let n = 0; n < 50_000; n++) {
      if (!set.has(`/home/ada/Documents/folder-${n}/receipt-${n}.pdf.keyward`)) expect.fail(`lost ${n}`);
      if (set.has(`/home/ada/Documents/folder-${n}/receipt-${n}.pdf`)) expect.fail(`has ${n}`);
    }
  });
});
