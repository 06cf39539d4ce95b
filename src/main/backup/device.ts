import { z } from 'zod';
import { KeywardError } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { randomUuid, wipe } from '../crypto/bytes.ts';
import { newSigningKey, signBytes, verifyBytes } from '../crypto/sign.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

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
});

const kept = z.strictObject({
  id: z.uuid(),
  publicKey: z.base64(),
  sealedSeed: z.base64(),
  created: z.number().int(),
  certificate: certificate.exactOptional(),
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
  create(tx: Tx, now: number, certifier?: Certifier): DeviceFacts {
    const id = randomUuid();
    const { seed, publicKey } = newSigningKey();
    const sealedSeed = sealText(this.#key, INFO, Buffer.from(id), seed);
    wipe(seed);
    const facts = { id, publicKey: publicKey.toString('base64') };
    this.#records.put(tx, ROOM, THIS, { ...facts, sealedSeed, created: now });
    return certifier === undefined ? facts : this.certify(tx, certifier);
  }

  /** What may be known of it; `undefined` in a vault from before there were backups. Throws `VaultDamaged`. */
  facts(tx: ReadTx): DeviceFacts | undefined {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row === undefined) return undefined;
    const { id, publicKey, certificate: certified } = row;
    return { id, publicKey, ...(certified === undefined ? {} : { certificate: certified }) };
  }

  /** Has a recovery set answer for this device. */
  certify(tx: Tx, certifier: Certifier): DeviceFacts {
    const row = this.#row(tx);
    const signature = certifier.certify(certified(this.#vaultId, row.id, row.publicKey)).toString('base64');
    const certificate = { certifier: certifier.publicKey, signature };
    this.#records.put(tx, ROOM, THIS, { ...row, certificate });
    return { id: row.id, publicKey: row.publicKey, certificate };
  }

  /** A signature of this device, 64 bytes. */
  sign(tx: ReadTx, message: Uint8Array): Buffer {
    const { id, sealedSeed } = this.#row(tx);
    const seed = unsealText(this.#key, INFO, Buffer.from(id), sealedSeed);
    if (seed === undefined) throw damaged();
    try {
      return signBytes(seed, message);
    } finally {
      wipe(seed);
    }
  }

  #row(tx: ReadTx): z.output<typeof kept> {
    const row = this.#records.get(tx, ROOM, THIS, kept);
    if (row === undefined) throw new KeywardError('Internal', 'This vault is not a device yet.');
    return row;
  }
}

/** Whether a recovery set, by its public key in base64, answers for a device. */
export function isCertified(vaultId: string, device: DeviceFacts, certifier: string): boolean {
  const { certificate: shown } = device;
  if (shown === undefined || shown.certifier !== certifier) return false;
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
  return new KeywardError(
    'VaultDamaged',
    `The vault is damaged: its row ${ROOM}/${THIS} does not open. Restore the vault from a backup.`,
    { row: `${ROOM}/${THIS}` },
  );
}
