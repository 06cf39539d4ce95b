import { useId } from 'react';
import { isForFiles, isImportable } from '../../../shared/key-specs.ts';
import { Check } from '../../components/check.tsx';
import { Mono } from '../../components/inline-text.tsx';
import { Options } from '../../components/options.tsx';
import { PairFields } from '../../components/pair-fields.tsx';
import { PURPOSES, type Purpose } from '../../text/purposes.ts';
import { iconOf } from './key-row.tsx';
import type { Draft } from './new-key-draft.ts';

/** The first step: what the key is for. */
export function PurposeStep({
  chosen,
  onChoose,
}: {
  readonly chosen: string;
  readonly onChoose: (purpose: Purpose) => void;
}) {
  return (
    <Options
      name="What the key is for"
      chosen={chosen}
      onChoose={(id) => {
        const purpose = PURPOSES.find(({ usage }) => usage === id);
        if (purpose !== undefined) onChoose(purpose);
      }}
      options={PURPOSES.map(({ usage, title, about }) => ({ id: usage, title, about, icon: iconOf(usage) }))}
    />
  );
}

type KindProps = {
  readonly of: Purpose;
  readonly chosen: string;
  readonly onChoose: (spec: string) => void;
};

/** The second step: which kind of key that is. */
export function KindStep({ of: { specs, title }, chosen, onChoose }: KindProps) {
  return (
    <Options
      name={`Kind of key: ${title}`}
      chosen={chosen}
      onChoose={onChoose}
      options={specs.map(({ spec, name, about }, n) => ({
        id: spec,
        title: name,
        about,
        ...(n === 0 ? { mark: 'Recommended' } : {}),
      }))}
    />
  );
}

type NameProps = {
  readonly of: Draft;
  readonly alias: string;
  readonly onChange: (draft: Draft) => void;
};

/** The last step: name, description, rotation and tags. */
export function NameStep({ of: draft, alias, onChange }: NameProps) {
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-name`}>Name</label>
        <input
          id={`${id}-name`}
          className="input"
          maxLength={120}
          required
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the one field that must be filled
          autoFocus
          value={draft.name}
          onChange={(event) => onChange({ ...draft, name: event.target.value })}
          aria-describedby={`${id}-alias`}
        />
        <p id={`${id}-alias`} className="small soft">
          {alias !== '' ? (
            <Mono>{alias}</Mono>
          ) : draft.name.trim() === '' ? (
            'Such as Tax papers.'
          ) : (
            'A name needs letters from a to z or digits, so that AWS’s tools understand it. The description takes any script.'
          )}
        </p>
      </div>
      <div className="field">
        <label htmlFor={`${id}-about`}>What it is for</label>
        <input
          id={`${id}-about`}
          className="input"
          maxLength={1_000}
          autoComplete="off"
          value={draft.description}
          onChange={(event) => onChange({ ...draft, description: event.target.value })}
        />
      </div>
      {isForFiles(draft) && !draft.external ? (
        <Check
          label="A new version every year"
          about="Made by itself, 365 days after now and so on. Older files go on opening. It can be changed later."
          checked={draft.rotation}
          onChange={(rotation) => onChange({ ...draft, rotation })}
        />
      ) : null}
      {isImportable(draft) ? (
        <Check
          label="I bring the key material myself"
          about="The key is made without material and does nothing until you import it. It does not get new versions by itself."
          checked={draft.external}
          onChange={(external) => onChange({ ...draft, external })}
        />
      ) : null}
      <fieldset className="field">
        <legend className="legend">Tags</legend>
        <PairFields
          noun="Tag"
          most={50}
          rows={draft.tags}
          onChange={(tags) => onChange({ ...draft, tags })}
        />
      </fieldset>
    </>
  );
}
