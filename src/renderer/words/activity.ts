import type { AuditLine } from '../../shared/contract.ts';
import { inert } from './names.ts';

type Say = (what: { file: string; key: string }) => string;

const EVENTS: { readonly [name: string]: Say } = {
  InitVault: () => 'Vault made',
  Unlock: () => 'Unlocked',
  Lock: () => 'Locked',
  CreateKey: ({ key }) => `Key made${key}`,
  CreateAlias: ({ key }) => `Name given${key}`,
  UpdateKeyDescription: ({ key }) => `Description changed${key}`,
  EnableKey: ({ key }) => `Key enabled${key}`,
  DisableKey: ({ key }) => `Key disabled${key}`,
  RotateKeyOnDemand: ({ key }) => `New version${key}`,
  GenerateDataKey: ({ file, key }) => (file === '' ? `Data key made${key}` : `Encrypted ${file}${key}`),
  Encrypt: ({ key }) => `Encrypted a value${key}`,
  Decrypt: ({ file, key }) => (file === '' ? `Data key opened${key}` : `Opened ${file}${key}`),
  ReEncrypt: ({ key }) => `Re-encrypted a value${key}`,
  RewrapDataKey: ({ file, key }) =>
    file === '' ? `Data key moved${key}` : `Moved ${file} to the newest version${key}`,
  SetConfig: () => 'Setting changed',
  UnreadableEntry: () => 'An entry that can no longer be read',
};

/** A line of the log as a sentence; `nameOf` calls a key by its name. */
export function sentence(entry: AuditLine, nameOf: (arn: string) => string): string {
  const arn = entry.keyArns[0];
  const key = arn === undefined ? '' : `, ${nameOf(arn)}`;
  const file = entry.file === undefined ? '' : inert(fileName(entry.file));
  const said = (EVENTS[entry.eventName] ?? (() => `${words(entry.eventName)}${key}`))({ file, key });
  return entry.errorCode === undefined
    ? said
    : `Refused: ${words(entry.eventName).toLowerCase()}${file === '' ? '' : ` for ${file}`}${key}`;
}

/** Whether a line only says that somebody looked at keys; the window itself does that all the time. */
export function isLook(entry: AuditLine): boolean {
  return entry.errorCode === undefined && /^(List|Describe|Get)/.test(entry.eventName);
}

/** Who did it, for people. */
export function actor(principal: string): string {
  const who = principal.split('/').at(-1);
  if (who === 'owner') return 'You';
  return who === 'cli' ? 'Command' : (who ?? principal);
}

/** The last part of a path of any system. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}

function words(name: string): string {
  const spaced = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
