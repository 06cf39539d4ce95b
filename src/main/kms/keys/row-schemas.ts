import { z } from 'zod';
import { KEY_SPECS, KEY_USAGES } from '../../../shared/key-specs.ts';

const milliseconds = z.number().int();
const versionId = z.string().regex(/^[0-9a-f]{64}$/);

/** Reads a key as it stands in the database. */
export const keyRow = z.strictObject({
  spec: z.enum(KEY_SPECS),
  usage: z.enum(KEY_USAGES),
  origin: z.enum(['AWS_KMS', 'EXTERNAL']),
  /** Of keys that the vault made for itself; missing where somebody made the key. */
  manager: z.literal('AWS').exactOptional(),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport']),
  description: z.string(),
  created: milliseconds,
  /** Id of the version that encrypts. */
  current: versionId,
  /** When a key that is pending deletion may be shredded, and the days that were asked for. */
  deletion: z
    .strictObject({
      date: milliseconds,
      days: z.number().int(),
      /** When an unlock first saw that the date had passed. */
      seen: milliseconds.exactOptional(),
    })
    .exactOptional(),
  /** Of keys whose material is imported. */
  external: z
    .strictObject({
      /** Whether material was ever imported: until then the current version is nothing but an id. */
      begun: z.boolean(),
      /** The first date on which material that the key needs expires. */
      expires: milliseconds.exactOptional(),
      /** The version whose material waits for `RotateKeyOnDemand`, and when it expires. */
      pending: z.strictObject({ version: versionId, expires: milliseconds.exactOptional() }).exactOptional(),
    })
    .exactOptional(),
  /** Automatic rotation: its interval in days, and the date of the next one. */
  rotation: z.strictObject({ days: z.number().int(), next: milliseconds }).exactOptional(),
  /** In the order in which they were given. */
  tags: z.array(z.strictObject({ key: z.string(), value: z.string() })).exactOptional(),
});

/** Reads a version of a key as it stands in the database. */
export const versionRow = z.strictObject({
  created: milliseconds,
  /** How it came to be; null for a key's first version. */
  rotation: z.enum(['ON_DEMAND', 'AUTOMATIC']).nullable(),
  /** Base64 of the sealed material; see material.ts. Missing while imported material is not there. */
  wrapped: z.string().exactOptional(),
  /** Of imported material, also once it is gone: what tells it again, when it expires, what it was called. */
  imported: z
    .strictObject({
      print: versionId,
      expires: milliseconds.exactOptional(),
      description: z.string().exactOptional(),
    })
    .exactOptional(),
  /** When its material was first exported; stays for good. */
  exported: milliseconds.exactOptional(),
  /** Since when nothing opens under it. */
  disabled: milliseconds.exactOptional(),
});

/** Reads how many data keys of AWS messages a version has wrapped. */
export const usesRow = z.strictObject({ count: z.number().int().nonnegative() });

/** Reads an alias as it stands in the database. */
export const aliasRow = z.strictObject({ target: z.uuid(), created: milliseconds, updated: milliseconds });

/** Reads a client of the endpoint as it stands in the database. */
export const clientRow = z.strictObject({
  accessKeyId: z.string(),
  /** Base64 of the sealed secret access key, see clients.ts; gone once the client is revoked. */
  secret: z.string().exactOptional(),
  /** Its identity policy, JSON; null gives it every action on every key whose policy leaves that to the account. */
  policy: z.string().nullable(),
  created: milliseconds,
  revoked: milliseconds.exactOptional(),
});

/** Reads the last use of a key that an earlier log of a restored vault tells of. */
export const formerUseRow = z.strictObject({ event: z.string(), time: z.iso.datetime(), id: z.string() });

/** Reads whose an access key is: the name of a client. */
export const accessKeyRow = z.strictObject({ client: z.string() });

/** A key as it stands in the database; dates in ms since 1970. */
export type KeyRow = z.output<typeof keyRow>;
/** A version of a key as it stands in the database. */
export type VersionRow = z.output<typeof versionRow>;
/** An alias as it stands in the database; `target` is a key's id. */
export type AliasRow = z.output<typeof aliasRow>;

/** A client of the endpoint as it stands in the database; dates in ms since 1970. */
export type ClientRow = z.output<typeof clientRow>;

/** The id of a version's row, as errors name it after `key-versions/`. */
export function versionName(keyId: string, id: string): string {
  return `${keyId}/${id}`;
}
