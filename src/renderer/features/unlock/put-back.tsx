import type { KeywardError } from '../../../shared/errors.ts';
import { Check } from '../../components/check.tsx';
import { Note } from '../../components/note.tsx';
import { escaped } from '../../text/file-names.ts';
import { capital } from '../../text/format.ts';

/** What an error says of a vault that seems to be an older copy; `token` stands for just that having been read. */
export type PutBack = { readonly token: string; readonly signs: readonly string[] };

/** That of an error; undefined: it is another one. */
export function putBackOf(error: KeywardError | undefined): PutBack | undefined {
  if (error?.code !== 'VaultPutBack') return undefined;
  const { token, signs } = error.details;
  if (typeof token !== 'string' || !Array.isArray(signs)) return undefined;
  return { token, signs: signs.filter((sign) => typeof sign === 'string') };
}

type Props = {
  readonly of: PutBack;
  readonly read: boolean;
  readonly onRead: (read: boolean) => void;
};

/** Says that the vault seems to be an older copy of itself, by what that shows, and what to do; asks whether it was read. */
export function PutBackNote({ of: { signs }, read, onRead }: Props) {
  return (
    <>
      <Note tone="bad">
        <p>
          <strong>This seems to be an older copy of your vault.</strong> Somebody or something has put it in
          the place of the newer one. Keyward knows it by this:
        </p>
        <ul className="bullets">
          {signs.map((sign) => (
            <li key={sign} className="text">
              {escaped(capital(sign))}.
            </li>
          ))}
        </ul>
        <p>
          Keys that were made since are missing. What you had switched off, taken back or deleted since may
          work again. Nothing was changed so far.
        </p>
      </Note>
      <p className="text">
        If you did not put it back yourself, don’t go on: move vault.db and vault.keys out of the vault’s
        folder, start Keyward again, and bring your newest backup back.
      </p>
      <Check
        label="I have read this, and go on with the older copy"
        about="What it lacks can be brought in from a backup later, under Recovery. The log says that you went on."
        checked={read}
        onChange={onRead}
      />
    </>
  );
}
