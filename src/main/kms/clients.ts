import { awsError, type KeywardError } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { randomBytes, wipe } from '../crypto/bytes.ts';
import type { Store } from '../store/database.ts';
import { RESERVED_USERS, userArn } from './access/identity.ts';
import type { Core } from './core.ts';
import { damagedRow, invalid } from './errors.ts';
import type { ClientRow } from './keys/row-schemas.ts';
import type { Operation } from './operation.ts';
import { parsePolicy } from './policy/document.ts';
import type { Caller } from './types.ts';
import { requireLength, requirePattern } from './validate.ts';

const INFO = 'keyward/1/client-secret';

/** As many users as an AWS account has. */
const MAX_CLIENTS = 5_000;

/** What AWS would call an IAM user: name, ARN, access key, and the policy, null for one with full access. */
export type Client = {
  readonly name: string;
  readonly principal: string;
  readonly accessKeyId: string;
  readonly policy: string | null;
  readonly created: Date;
  readonly revoked?: Date;
};

/** A new client's access key, to be shown once. */
export type NewClient = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: string;
};

/** The clients of the endpoint: each has an access key whose secret lies sealed in the vault. */
export class Clients {
  readonly #core: Core;
  readonly #store: Store;
  readonly #wrapKey: Buffer;

  /** `wrapKey`: 32 bytes. It stays the caller's, who wipes it at lock. */
  constructor(core: Core, store: Store, wrapKey: Buffer) {
    this.#core = core;
    this.#store = store;
    this.#wrapKey = wrapKey;
  }

  /**
   * Creates a client. `name`: 1–64 of letters, digits and `+=,.@_-`, not reserved, never used before in any case;
   * `policy`: an identity policy, null for full access. Throws `ValidationException`, `AlreadyExistsException`,
   * `MalformedPolicyDocumentException`, `LimitExceededException`.
   */
  create(caller: Caller, input: { readonly name: string; readonly policy: string | null }): NewClient {
    const { name, policy } = input;
    const accessKeyId = `KWIA${base32(randomBytes(10))}`;
    const secretAccessKey = randomBytes(30).toString('base64');
    const shown = { name: name.slice(0, 64), policy: policy?.slice(0, 32_768) ?? null };
    return this.#core.journal.change((tx, step) =>
      step(operation(caller, 'CreateClient', false, shown), (record) => {
        this.#core.access.authorize(tx, record, {});
        this.#checkNew(name, policy, this.#core.rows.clients(tx));
        const secret = sealText(
          this.#wrapKey,
          INFO,
          this.#aad(name, accessKeyId),
          Buffer.from(secretAccessKey),
        );
        const row = {
          accessKeyId,
          secret,
          policy,
          created: this.#core.clock.now(),
        };
        this.#core.rows.putClient(tx, name, row);
        const principal = this.#principal(name);
        record.response = { principal, accessKeyId };
        return { accessKeyId, secretAccessKey, principal };
      }),
    );
  }

  /** All clients, revoked ones too, sorted by name. */
  async list(caller: Caller): Promise<Client[]> {
    return this.#core.journal.perform(operation(caller, 'ListClients', true, {}), 'go-on', (tx, record) => {
      this.#core.access.authorize(tx, record, {});
      return this.#core.rows.clients(tx).map(({ id, body }) => this.#shown(id, body));
    });
  }

  /** Ends a client's access for good; its secret is forgotten. Throws `NotFoundException`. */
  revoke(caller: Caller, name: string): Client {
    const client = this.#core.journal.change((tx, step) =>
      step(operation(caller, 'RevokeClient', false, { name: name.slice(0, 64) }), (record) => {
        this.#core.access.authorize(tx, record, {});
        const row = this.#core.rows.client(tx, name);
        if (row === undefined) throw noSuchClient(name);
        const { secret: _forgotten, ...rest } = row;
        const revoked = { ...rest, revoked: row.revoked ?? this.#core.clock.now() };
        this.#core.rows.putClient(tx, name, revoked);
        return this.#shown(name, revoked);
      }),
    );
    this.#core.journal.truncateWal();
    return client;
  }

  /**
   * The secret behind an access key, without an entry in the log; `undefined` for a key that was revoked or never was.
   * Throws `VaultDamaged`.
   */
  secretOf(accessKeyId: string): string | undefined {
    const found = this.#store.read((tx) => this.#core.rows.clientOfAccessKey(tx, accessKeyId));
    if (found?.row.secret === undefined) return undefined;
    const aad = this.#aad(found.name, accessKeyId);
    const secret = unsealText(this.#wrapKey, INFO, aad, found.row.secret);
    if (secret === undefined) throw damagedRow(`clients/${found.name}`);
    return secret.toString();
  }

  /** The ARN of the client that an access key belongs to; otherwise as `secretOf`. */
  principalOf(accessKeyId: string): string | undefined {
    const found = this.#store.read((tx) => this.#core.rows.clientOfAccessKey(tx, accessKeyId));
    return found === undefined ? undefined : this.#principal(found.name);
  }

  #checkNew(name: string, policy: string | null, known: readonly { readonly id: string }[]): void {
    requireLength('name', name, 1, 64);
    requirePattern('name', name, /^[A-Za-z0-9+=,.@_-]+$/);
    const lower = name.toLowerCase();
    if (RESERVED_USERS.includes(lower)) throw invalid(`The name ${name} is reserved. Choose another name.`);
    const taken = known.find(({ id }) => id.toLowerCase() === lower);
    if (taken !== undefined) throw alreadyThere(taken.id);
    if (known.length >= MAX_CLIENTS) {
      throw awsError('LimitExceededException', `A vault has ${MAX_CLIENTS} clients at most.`);
    }
    if (policy !== null) parsePolicy(policy, 'identity');
  }

  #shown(name: string, { accessKeyId, policy, created, revoked }: ClientRow): Client {
    const ended = revoked === undefined ? {} : { revoked: new Date(revoked) };
    return {
      name,
      principal: this.#principal(name),
      accessKeyId,
      policy,
      created: new Date(created),
      ...ended,
    };
  }

  #principal(name: string): string {
    return userArn(this.#core.vault.account, name);
  }

  #aad(name: string, accessKeyId: string): Buffer {
    return dataOf(this.#core.vault.id, name, accessKeyId);
  }
}

/** A client whose secret is under another wrapping key. Throws `VaultDamaged` if it does not open. */
export function resealClientSecret(
  vaultId: string,
  name: string,
  row: ClientRow,
  keys: { readonly from: Buffer; readonly to: Buffer },
): ClientRow {
  if (row.secret === undefined) return row;
  const data = dataOf(vaultId, name, row.accessKeyId);
  const secret = unsealText(keys.from, INFO, data, row.secret);
  if (secret === undefined) throw damagedRow(`clients/${name}`);
  const sealed = sealText(keys.to, INFO, data, secret);
  wipe(secret);
  return { ...row, secret: sealed };
}

// None of the parts can hold a zero.
function dataOf(vaultId: string, name: string, accessKeyId: string): Buffer {
  return Buffer.from([vaultId, name, accessKeyId].join('\0'));
}

function operation(
  caller: Caller,
  eventName: string,
  readOnly: boolean,
  request: Operation['request'],
): Operation {
  return { caller, eventName, readOnly, request, eventType: 'KeywardEvent' };
}

function alreadyThere(name: string): KeywardError {
  return awsError(
    'AlreadyExistsException',
    `There is, or was, a client called ${name}. Names are not used twice: choose another one.`,
  );
}

function noSuchClient(name: string): KeywardError {
  const client = name.slice(0, 64);
  return awsError('NotFoundException', `There is no client called ${client}.`, { client });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648 section 6) of a multiple of five bytes. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replaceAll(/.{5}/g, (five) => ALPHABET[Number.parseInt(five, 2)] ?? '');
}
