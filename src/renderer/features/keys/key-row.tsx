import { FileKey2, FileSignature, Fingerprint, Handshake, Inbox, type LucideIcon } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import type { KeySummary } from '../../../shared/contract.ts';
import { countText } from '../../../shared/measures.ts';
import { Badge } from '../../components/badge.tsx';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { shortDay } from '../../text/format.ts';
import { keyName, STATES } from '../../text/keys.ts';
import { ownValue } from '../../text/own-property.ts';
import { usageText } from '../../text/purposes.ts';

const ICONS: { readonly [usage: string]: LucideIcon } = {
  ENCRYPT_DECRYPT: FileKey2,
  SIGN_VERIFY: FileSignature,
  GENERATE_VERIFY_MAC: Fingerprint,
  KEY_AGREEMENT: Handshake,
  ENCAPSULATE_DECAPSULATE: Inbox,
};

/** The icon of what a key is for. */
export function iconOf(usage: string): LucideIcon {
  return ownValue(ICONS, usage) ?? FileKey2;
}

/** A key in the list: one click shows its details, two open its page. */
export const KeyRow = memo(function KeyRow({ of: key }: { readonly of: KeySummary }) {
  const { standard } = useKeys();
  // There may be hundreds of rows: each follows what is its own.
  const isChosen = useView(({ chosen }) => chosen?.kind === 'key' && chosen.id === key.keyId);
  const isLeft = useView(({ left }) => left === key.keyId);
  const choose = useView((view) => view.choose);
  const open = useView((view) => view.open);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Only while nothing else has it: a row that comes back while somebody types must not take it.
    if (isLeft && document.activeElement === document.body) button.current?.focus();
  }, [isLeft]);
  const { word, tone } = STATES[key.state];
  const Icon = iconOf(key.usage);
  return (
    // The row moves under the pointer when its details open beside it, so both clicks are heard here.
    <li className="row keys" data-chosen={isChosen} onDoubleClick={() => open(key.keyId)}>
      <button
        ref={button}
        type="button"
        className="open"
        aria-current={isChosen}
        onClick={() => choose({ kind: 'key', id: key.keyId })}
      >
        <Icon size={16} aria-hidden />
        <span className="cell">{keyName(key)}</span>
        {key.managed ? <span className="small soft">managed by the vault</span> : null}
        {standard?.keyId === key.keyId ? <span className="small soft">for new files</span> : null}
      </button>
      <Badge tone={tone} word={word} />
      <span className="soft cell if-room">{usageText(key)}</span>
      <span className="soft numbers">
        {key.versions}
        <span className="hidden"> {countText(key.versions, 'version').replace(/^\S+ /, '')}</span>
      </span>
      <span className="soft numbers cell if-room">{shortDay(key.createdAt)}</span>
    </li>
  );
});
