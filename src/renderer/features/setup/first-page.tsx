import { FolderOpen, type LucideIcon, ScrollText, ShieldPlus } from 'lucide-react';

/** Where somebody without a vault on this computer begins. */
export type Door = 'new' | 'phrase' | 'folder';

const DOORS: readonly {
  readonly door: Door;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly about: string;
}[] = [
  {
    door: 'new',
    icon: ShieldPlus,
    title: 'A new vault',
    about: 'Make one on this computer. It takes a minute, and paper and pen.',
  },
  {
    door: 'phrase',
    icon: ScrollText,
    title: 'I have a recovery phrase or shares',
    about: 'On paper. With a backup of your vault they bring it back.',
  },
  {
    door: 'folder',
    icon: FolderOpen,
    title: 'I have a vault or a backup',
    about: 'On a stick, another disk or in a synced folder. See what is in it.',
  },
];

/** Three ways to begin. */
export function FirstPage({ onChoose }: { readonly onChoose: (door: Door) => void }) {
  return (
    <>
      <p className="soft">Keyward keeps files encrypted under keys of your own, on this computer.</p>
      <ul className="doors">
        {DOORS.map(({ door, icon: Icon, title, about }, n) => (
          <li key={door}>
            <button
              type="button"
              className="door"
              // biome-ignore lint/a11y/noAutofocus: the page has one purpose
              autoFocus={n === 0}
              onClick={() => onChoose(door)}
            >
              <Icon size={20} aria-hidden />
              <strong>{title}</strong>
              <span className="soft">{about}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
