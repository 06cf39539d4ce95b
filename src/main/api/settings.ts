import { z } from 'zod';
import type { Settings } from '../../shared/contract.ts';
import { fail, type Json } from '../../shared/errors.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

const ROOM = 'settings';

const SCHEMAS = {
  'default-key': z.string().min(1).max(2_048),
  'idle-minutes': z.number().int().min(0).max(1_440),
  'open-files-without-audit': z.boolean(),
  'backup-recipients': z.enum(['hybrid', 'x25519']),
} as const;

/** What holds until the user says otherwise. `idle-minutes` 0 means: never lock by itself. */
export const SETTING_DEFAULTS: Settings = {
  'default-key': 'alias/my-files',
  'idle-minutes': 15,
  'open-files-without-audit': true,
  'backup-recipients': 'hybrid',
};

/** All settings, from their records or by default. Throws `VaultDamaged` for an edited row. */
export function readSettings(records: Records, tx: ReadTx): Settings {
  const read = <N extends keyof Settings>(name: N): Settings[N] => {
    const schema: z.ZodType = SCHEMAS[name];
    return (records.get(tx, ROOM, name, schema) ?? SETTING_DEFAULTS[name]) as Settings[N];
  };
  return {
    'default-key': read('default-key'),
    'idle-minutes': read('idle-minutes'),
    'open-files-without-audit': read('open-files-without-audit'),
    'backup-recipients': read('backup-recipients'),
  };
}

/** Sets one setting from its text. Throws `Usage` for an unknown name or a value that does not fit. */
export function writeSetting(records: Records, tx: Tx, name: string, text: string): void {
  if (!Object.hasOwn(SCHEMAS, name)) {
    throw fail('no-such-setting', { name, settings: Object.keys(SCHEMAS) }, { name });
  }
  const schema = SCHEMAS[name as keyof Settings];
  const parsed = schema.safeParse(parseText(text, name as keyof Settings));
  if (!parsed.success) {
    throw fail('setting-value-wrong', { name: name as keyof Settings, text }, { name });
  }
  records.put(tx, ROOM, name, parsed.data as Json);
}

function parseText(text: string, name: keyof Settings): unknown {
  if (name === 'idle-minutes') return /^\d+$/.test(text) ? Number(text) : text;
  if (name === 'open-files-without-audit') {
    if (['on', 'true', 'yes'].includes(text)) return true;
    return ['off', 'false', 'no'].includes(text) ? false : text;
  }
  return text;
}
