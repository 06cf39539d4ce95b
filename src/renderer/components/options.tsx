import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';

/** One of several things to choose from, with what it means. */
type Option = {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly icon?: LucideIcon;
  readonly mark?: string;
};

type Props = {
  readonly name: string;
  readonly options: readonly Option[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
};

/** A choice of one, where each needs a sentence; the chosen one has the focus at first. */
export function Options({ name, options, chosen, onChoose }: Props) {
  const group = useId();
  return (
    <fieldset className="options">
      <legend className="hidden">{name}</legend>
      {options.map(({ id, title, about, icon: Icon, mark }) => (
        <label key={id}>
          <input
            type="radio"
            name={group}
            value={id}
            checked={id === chosen}
            // biome-ignore lint/a11y/noAutofocus: the step has one purpose
            autoFocus={id === chosen}
            onChange={() => onChoose(id)}
            aria-describedby={`${group}-${id}`}
          />
          <span className="option-title">
            {Icon === undefined ? null : <Icon size={16} aria-hidden />}
            {title}
            {mark === undefined ? null : <span className="option-mark">{mark}</span>}
          </span>
          <span id={`${group}-${id}`} className="option-about">
            {about}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
