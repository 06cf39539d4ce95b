import { useView } from '../../data/view.ts';
import { KeyList } from './key-list.tsx';
import { KeyPage } from './page/key-page.tsx';

/** Keys: all of them, or everything about one. */
export function KeysPlace() {
  const opened = useView((view) => view.opened);
  return opened === null ? <KeyList /> : <KeyPage key={opened.key} id={opened.key} part={opened.part} />;
}
