import type { WindowStatus } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { Note } from '../../components/note.tsx';
import { clockTime, day } from '../../text/format.ts';

type Trouble = NonNullable<WindowStatus['auditTrouble']>;

const WHY: { readonly [B in Trouble['because']]: string } = {
  VaultMoved: 'the vault’s file is no longer where it was. Put it back before you lock',
  DiskFull: 'the disk is full. Free some space',
  DiskReadOnly: 'the disk is read-only. Make it writable',
  IoFailed: 'the disk reports errors. Check it, and copy the vault’s folder to another one',
};

/** Says, above everything else, that the log can’t be written, and what to do. */
export function LogTrouble({ trouble }: { readonly trouble: WindowStatus['auditTrouble'] }) {
  if (trouble === undefined) return null;
  const { because, since, held } = trouble;
  return (
    <Note tone="bad">
      <strong>The log can’t be written.</strong> Since {clockTime(since)} on {day(since)}, {WHY[because]}.
      Then Keyward goes on by itself. Until then nothing is encrypted and no key is changed.
      {held === 0 ? '' : ` ${countText(held, 'entry', 'entries')} of what was done wait in memory.`}
    </Note>
  );
}
