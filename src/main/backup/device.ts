import { z } from 'zod';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { randomUuid, wipe } from '../crypto/bytes.ts';
import { newSigningKey, signBytes, verifyBytes } from '../crypto/sign.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { type Predecessors, predecessors, successionOf } from './succession.ts';

/**
 * Who answers for a device: a recovery set's certifying key (`RecoveryRecipients`) and its signature over vault, device
 * and the device's key. Both in base64.
 */
type Certificate = { readonly certifier: string; readonly signature: string };

/** What may be known of an installation. `publicKey`: 32 bytes of an Ed25519 key, in base64. */
export type DeviceFacts = {
  readonly id: string;
  readonly publicKey: string;
  readonly certificate?: Certificate;
  /** Of further recovery sets: shares. */
  readonly certificates?: Certificate[];
  /** What it took the place of: see `isSuccessor`. */
  readonly succeeds?: Predecessors;
};

const ROOM = 'device';
const THIS = 'this';
const INFO = 'keyward/1/device-key';

const certificate = z.strictObject({ certifier: z.base64(), signature: z.base64() });

/** What a backup says of the device that made it. */
export const deviceFacts = z.strictObject({
  id: z.uuid(),
  publicKey: z.base64().length(44),
  certificate: certificate.exactOptional(),
  certificates: z.array(certificate).max(64).exactOptional(),
  succeeds: predecessors.exactOptional(),
});

const kept = z.strictObject({
  id: z.uuid(),
  publicKey: z.base64(),
  sealedSeed: z.base64(),
  created: z.number().int(),
  certificate: certificate.exactOptional(),
  certificates: z.array(certificate).max(64).exactOptional(),
  succeeds: predecessors.exactOptional(),
});

/** Signs a message as a recovery set: `RecoveryIdentity.certify`, with its public key in base64. */
export type Certifier = { readonly publicKey: string; certify(message: Uint8Array): Buffer };

/** This installation of a vault: its id and the key that signs its backups. */
export class Device {
  readonly #records: Records;
  readonly #vaultId: string;
  readonly #key: Buffer;

  /** `key`: 32 bytes derived from the root key, which seal the private half; it stays the caller's to wipe. */
  constructor(records: Records, vaultId: string, key: Buffer) {
    this.#records = records;
    this.#vaultId = vaultId;
    this.#key = key;
  }

  /** Makes this installation a device of its own, in place of what it was. `now`: ms since 1970. */
  create(tx: Tx, now: number, certifier?: Certifier, of: 'phrase' | 'shares' = 'phrase'): DeviceFacts {
    const id = randomUuid();
    const { seed, publicKey } = newSigningKey();
    const sealedSeed = sealText(this.#key, INFO, Buffer.from(id), seed);
    wipe(seed);
    const facts = { id, publicKey: publicKey.toString('base64') };
    this.#records.put(tx, ROOM, THIS, { ...facts, sealedSeed, created: now });
    return certifier === undefined ? facts : this.certify(tx, certifier, of);
  }

  /**
   * The same after a leak, where the rows are those of `before` yet: that device answers for this one, so that a vault which
   * is it still knows whose backups are newer than its own.
   */
  succeed(tx: Tx, before: Device, now: number, certifier: Certifier): DeviceFacts {
    const former = this.#records.get(tx, ROOM, THIS, kept);
    const made = this.create(tx, now, certifier);
    const seed = former && before.#seedOf(former);
    // One that can't sign any more is no reason to leave a leaked secret in use.
    if (former === undefined || seed === undefined) return made;
    const sign = (message: Buffer) => signBytes(seed, message);
    const succeeds = successionOf(this.#vaultId, former, made, { now, sign });
    wipe(seed);
    this.#records.put(tx, ROOM, THIS, { ...this.#row(tx), succeeds });
    return { ...made, succeeds };
  }

  /** What may be known of it; `undefined` in a vault from before there were backups. Throws `VaultDamaged`. */
  facts(tx: ReadTx): DeviceFacts | undefined {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row === undefined) return undefined;
    return factsOf(row);
  }

  /** Has a recovery set answer for this device: the phrase's, in place of a former one, or a share set's, beside others. */
  certify(tx: Tx, certifier: Certifier, of: 'phrase' | 'shares' = 'phrase'): DeviceFacts {
    const row = this.#row(tx);
    const signature = certifier.certify(certified(this.#vaultId, row.id, row.publicKey)).toString('base64');
    const made = { certifier: certifier.publicKey, signature };
    const others = (row.certificates ?? []).filter((one) => one.certifier !== certifier.publicKey);
    const after =
      of === 'phrase' ? { ...row, certificate: made } : { ...row, certificates: [...others, made] };
    this.#records.put(tx, ROOM, THIS, after);
    return factsOf(after);
  }

  /** Takes away what a recovery set, by its public key in base64, answered for. */
  uncertify(tx: Tx, certifier: string): void {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row?.certificates === undefined) return;
    const certificates = row.certificates.filter((one) => one.certifier !== certifier);
    this.#records.put(tx, ROOM, THIS, { ...row, certificates });
  }

  /** Seals the private half anew, which the row has as `before` sealed it; nothing where this vault is no device yet. */
  reseal(tx: Tx, before: Device): void {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row === undefined) return;
    const seed = before.#seedOf(row);
    if (seed === undefined) throw damaged();
    const sealedSeed = sealText(this.#key, INFO, Buffer.from(row.id), seed);
    wipe(seed);
    this.#records.put(tx, ROOM, THIS, { ...row, sealedSeed });
  }

  /** A signature of this device, 64 bytes. */
  sign(tx: ReadTx, message: Uint8Array): Buffer {
    const seed = this.#seedOf(this.#row(tx));
    if (seed === undefined) throw damaged();
    try {
      return signBytes(seed, message);
    } finally {
      wipe(seed);
    }
  }

  #seedOf({ id, sealedSeed }: z.output<typeof kept>): Buffer | undefined {
    return unsealText(this.#key, INFO, Buffer.from(id), sealedSeed);
  }

  #row(tx: ReadTx): z.output<typeof kept> {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row === undefined) throw fail('internal', { what: 'This vault is not a device yet.' });
    return row;
  }
}

function factsOf(row: z.output<typeof kept>): DeviceFacts {
  const { id, publicKey, certificate: first, certificates, succeeds } = row;
  return {
    ...{ id, publicKey },
    ...(first === undefined ? {} : { certificate: first }),
    ...(certificates === undefined || certificates.length === 0 ? {} : { certificates }),
    ...(succeeds === undefined ? {} : { succeeds }),
  };
}

/** Public keys, in base64, of the recovery sets that answer for a device. Their signatures are not looked at. */
export function certifiersOf({ certificate: first, certificates = [] }: DeviceFacts): string[] {
  return [...(first === undefined ? [] : [first]), ...certificates].map((one) => one.certifier);
}

/** Whether a recovery set, by its public key in base64, answers for a device. */
export function isCertified(vaultId: string, device: DeviceFacts, certifier: string): boolean {
  const { certificate: first, certificates = [] } = device;
  const shown = [first, ...certificates].find((one) => one?.certifier === certifier);
  if (shown === undefined) return false;
  const key = Buffer.from(certifier, 'base64');
  const signature = Buffer.from(shown.signature, 'base64');
  if (key.length !== 32 || signature.length !== 64) return false;
  return verifyBytes(key, certified(vaultId, device.id, device.publicKey), signature);
}

function certified(vaultId: string, deviceId: string, publicKey: string): Buffer {
  const text = `keyward/1/device\0${vaultId}\0${deviceId}\0`;
  return Buffer.concat([Buffer.from(text), Buffer.from(publicKey, 'base64')]);
}

function damaged(): KeywardError {
  return fail('row-does-not-open', { row: `${ROOM}/${THIS}` });
}
