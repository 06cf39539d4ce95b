import { describe, expect, it } from 'vitest';
import { deviceFacts } from '../../../src/main/backup/device.ts';
import { isSuccessor, type Predecessors, successionOf } from '../../../src/main/backup/succession.ts';
import { randomUuid } from '../../../src/main/crypto/bytes.ts';
import { newSigningKey, signBytes } from '../../../src/main/crypto/sign.ts';

const VAULT = randomUuid();
const NOW = 1_700_000_000_000;

type TestDevice = {
  readonly seed: Buffer;
  readonly id: string;
  readonly publicKey: string;
  readonly succeeds?: Predecessors;
};

function device(): TestDevice {
  const { seed, publicKey } = newSigningKey();
  return { seed, id: randomUuid(), publicKey: publicKey.toString('base64') };
}

/** A device after another; `signer`: whose key answers for it. */
function heirOf(before: TestDevice, signer = before): TestDevice {
  const next = device();
  const sign = (message: Buffer) => signBytes(signer.seed, message);
  return { ...next, succeeds: successionOf(VAULT, before, next, { now: NOW, sign }) };
}

describe('a device that took the place of another', () => {
  it('is known as its successor, and as that of those before it, and of nobody else', () => {
    const first = device();
    const second = heirOf(first);
    const third = heirOf(second);
    expect([isSuccessor(VAULT, second, first), isSuccessor(VAULT, third, second)]).toEqual([true, true]);
    expect(isSuccessor(VAULT, third, first)).toBe(true);
    expect([isSuccessor(VAULT, first, second), isSuccessor(VAULT, third, third)]).toEqual([false, false]);
    expect(isSuccessor(VAULT, third, device())).toBe(false);
    expect(isSuccessor(randomUuid(), second, first)).toBe(false);
    expect(isSuccessor(VAULT, second, { ...device(), id: first.id })).toBe(false);
  });

  it('is not where another key answered for it, or for one between', () => {
    const [first, other] = [device(), device()];
    expect(isSuccessor(VAULT, heirOf(first, other), first)).toBe(false);
    expect(isSuccessor(VAULT, heirOf(heirOf(first, other)), first)).toBe(false);
    const second = heirOf(first);
    expect(isSuccessor(VAULT, { ...device(), succeeds: second.succeeds ?? [] }, first)).toBe(false);
    expect(isSuccessor(VAULT, { ...second, id: randomUuid() }, first)).toBe(false);
  });

  it('is not once a byte of what was signed is another one', () => {
    const first = device();
    const second = heirOf(first);
    const [one] = second.succeeds ?? [];
    if (one === undefined) throw new Error('nothing');
    for (const changed of [
      { ...one, at: new Date(NOW + 1).toISOString() },
      { ...one, id: randomUuid() },
      { ...one, publicKey: device().publicKey },
      { ...one, signature: one.signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')) },
      { ...one, signature: '' },
    ]) {
      expect(isSuccessor(VAULT, { ...second, succeeds: [changed] }, first)).toBe(false);
    }
  });

  it('knows of the last 64 before it, and one that came after none says so by nothing', () => {
    const line = [device()];
    for (let n = 0; n < 70; n++) line.push(heirOf(line.at(-1) ?? device()));
    const { seed: _, ...last } = line.at(-1) ?? device();
    expect(deviceFacts.parse(last)).toEqual(last);
    expect(line.slice(0, -1).map((one) => isSuccessor(VAULT, last, one))).toEqual([
      ...Array.from({ length: 6 }, () => false),
      ...Array.from({ length: 64 }, () => true),
    ]);
    const { seed: __, ...alone } = device();
    expect(deviceFacts.parse(alone)).toEqual(alone);
  });
});
