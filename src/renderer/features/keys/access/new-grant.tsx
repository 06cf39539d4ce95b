import { useId, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { grantable } from '../../../../shared/grant-operations.ts';
import { isForFiles } from '../../../../shared/key-specs.ts';
import { ask } from '../../../bridge.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { PairFields, pairsOf, type TypedPair } from '../../../components/pair-fields.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { actionText } from '../../../text/policy-summary.ts';
import { PrincipalField } from './principal-field.tsx';

type Props = { readonly of: KeyDetail; readonly onClose: () => void };
type Constraint = 'none' | 'subset' | 'equals';

/** Makes a grant: who may do what, and with which context only. */
export function NewGrant({ of: key, onClose }: Props) {
  const id = useId();
  const [who, setWho] = useState('');
  const [retiring, setRetiring] = useState('');
  const [operations, setOperations] = useState<readonly string[]>([]);
  const [constraint, setConstraint] = useState<Constraint>('none');
  const [pairs, setPairs] = useState<readonly TypedPair[]>([{ id: 0, key: '', value: '' }]);
  const [name, setName] = useState('');
  const { busy, error, change } = useMutation();
  const typed = pairsOf(pairs);
  const ready = who.trim() !== '' && operations.length > 0 && (constraint === 'none' || typed.length > 0);
  const make = () =>
    change('The grant is made.', async () => {
      const context = Object.fromEntries(typed.map((pair) => [pair.key, pair.value]));
      await ask('keys.createGrant', {
        key: key.keyId,
        grantee: who.trim(),
        operations: [...operations],
        ...(retiring.trim() === '' ? {} : { retiring: retiring.trim() }),
        ...(name.trim() === '' ? {} : { name: name.trim() }),
        ...(constraint === 'none' ? {} : { [constraint]: context }),
      });
      onClose();
    });
  return (
    <DialogForm
      title="New grant"
      does="Make the grant"
      broad
      busy={busy}
      ready={ready}
      onSubmit={make}
      onClose={onClose}
    >
      <PrincipalField
        label="Who may"
        value={who}
        onChange={setWho}
        hint="The name of a client or role, or the ARN of a principal."
        required
      />
      <fieldset className="field">
        <legend className="legend">Do what</legend>
        <div className="grant-operations">
          {grantable(key).map((operation) => (
            <label key={operation}>
              <input
                type="checkbox"
                checked={operations.includes(operation)}
                onChange={(event) =>
                  setOperations(
                    event.target.checked
                      ? [...operations, operation]
                      : operations.filter((one) => one !== operation),
                  )
                }
              />
              <span title={actionText(`kms:${operation}`)}>{operation}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {isForFiles(key) ? (
        <div className="field">
          <label htmlFor={`${id}-constraint`}>With which context</label>
          <select
            id={`${id}-constraint`}
            className="select"
            value={constraint}
            onChange={(event) => setConstraint(event.target.value as Constraint)}
          >
            <option value="none">Any</option>
            <option value="subset">With these pairs, and others</option>
            <option value="equals">With exactly these pairs</option>
          </select>
          {constraint === 'none' ? null : (
            <PairFields
              noun="Pair"
              most={8}
              longest={{ key: 1_024, value: 1_024 }}
              rows={pairs}
              onChange={setPairs}
            />
          )}
        </div>
      ) : null}
      <PrincipalField
        label="Who else may retire it (may be left out)"
        value={retiring}
        onChange={setRetiring}
      />
      <div className="field">
        <label htmlFor={`${id}-name`}>Name (may be left out)</label>
        <input
          id={`${id}-name`}
          className="input small-input"
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <ErrorNote error={error} />
    </DialogForm>
  );
}
