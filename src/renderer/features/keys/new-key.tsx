import { useState } from 'react';
import { isForFiles, isImportable } from '../../../shared/key-specs.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { pairsOf } from '../../components/pair-fields.tsx';
import { useAction } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { aliasFor } from '../../text/keys.ts';
import { PURPOSES } from '../../text/purposes.ts';
import type { Draft } from './new-key-draft.ts';
import { KindStep, NameStep, PurposeStep } from './new-key-steps.tsx';

const FIRST: Draft = {
  usage: 'ENCRYPT_DECRYPT',
  spec: 'SYMMETRIC_DEFAULT',
  name: '',
  description: '',
  rotation: false,
  tags: [],
  external: false,
};
const STEPS = ['What is it for?', 'Which kind?', 'What is it called?'];

/** Makes a key in three steps: what it is for, which kind, and its name. */
export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState(FIRST);
  const { keysChanged, choose } = useView();
  const { busy, error, run } = useAction();
  const alias = aliasFor(draft.name);
  const last = step === STEPS.length - 1;
  const make = () =>
    run(async () => {
      const { usage, spec, description, rotation } = draft;
      const external = draft.external && isImportable(draft);
      const tags = pairsOf(draft.tags);
      const made = await ask('keys.create', {
        alias,
        description,
        usage,
        spec,
        ...(rotation && isForFiles(draft) && !external ? { rotation: 365 } : {}),
        ...(external ? { external: true as const } : {}),
        ...(tags.length === 0 ? {} : { tags }),
      });
      keysChanged();
      onClose();
      choose({ kind: 'key', id: made.keyId });
    });
  const purpose = PURPOSES.find(({ usage }) => usage === draft.usage);
  return (
    <DialogForm
      title="New key"
      does={last ? 'Make the key' : 'Next'}
      broad
      busy={busy}
      ready={!last || alias !== ''}
      more={step === 0 ? null : <Button onPress={() => setStep(step - 1)}>Back</Button>}
      onSubmit={() => (last ? make() : setStep(step + 1))}
      onClose={onClose}
    >
      <p className="small soft" role="status">
        Step {step + 1} of {STEPS.length}: {STEPS[step]}
      </p>
      {step === 0 ? (
        <PurposeStep
          chosen={draft.usage}
          onChoose={({ usage, specs }) => setDraft({ ...draft, usage, spec: specs[0]?.spec ?? '' })}
        />
      ) : null}
      {step === 1 && purpose !== undefined ? (
        <KindStep of={purpose} chosen={draft.spec} onChoose={(spec) => setDraft({ ...draft, spec })} />
      ) : null}
      {last ? <NameStep of={draft} alias={alias} onChange={setDraft} /> : null}
      <ErrorNote error={error} />
    </DialogForm>
  );
}
