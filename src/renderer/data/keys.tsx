import { createContext, type ReactNode, useContext } from 'react';
import type { KeySummary, Settings } from '../../shared/contract.ts';
import { keyName } from '../text/keys.ts';
import { type Query, useQuery } from './query.ts';
import { useView } from './view.ts';

/** The keys, which one new files get, how to call any of them, and the settings. */
type Keys = {
  readonly list: readonly KeySummary[] | undefined;
  readonly asked: Query<unknown>;
  readonly settings: Settings | undefined;
  readonly askedSettings: Query<unknown>;
  /** The default key. */
  readonly standard: KeySummary | undefined;
  /** The key that the user picked for new files, else the default key. */
  readonly current: KeySummary | undefined;
  readonly nameOf: (reference: string | null) => string;
};

const KeysContext = createContext<Keys | undefined>(undefined);

/** Asks for keys and settings once for all that show them. */
export function KeysProvider({ children }: { readonly children: ReactNode }) {
  const asked = useQuery('keys.list', {}, 'keysRevision');
  const askedSettings = useQuery('config.list', {}, 'keysRevision');
  const settings = askedSettings.value;
  const wanted = useView((view) => view.key);
  const list = asked.value?.keys;
  const find = (reference: string | null) =>
    list?.find(({ keyId, arn, aliases }) => [keyId, arn, ...aliases].includes(reference ?? ''));
  const standard = find(settings?.['default-key'] ?? null);
  const nameOf = (reference: string | null) => {
    const key = reference === null ? standard : find(reference);
    return key === undefined ? (reference ?? 'the default key') : keyName(key);
  };
  const keys = { list, asked, settings, askedSettings, standard, current: find(wanted) ?? standard, nameOf };
  return <KeysContext value={keys}>{children}</KeysContext>;
}

/** The keys, within a `KeysProvider`. */
export function useKeys(): Keys {
  const keys = useContext(KeysContext);
  if (keys === undefined) throw new Error('useKeys needs a KeysProvider');
  return keys;
}
