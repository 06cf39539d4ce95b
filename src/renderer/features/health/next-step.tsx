import type { Finding } from '../../../shared/findings.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { useView } from '../../data/view.ts';
import { nextStep } from '../../text/next-steps.ts';
import { Forget } from '../findings/findings.tsx';

/** What to do about a finding, as a button that leads there. */
export function NextStepOf({ finding: { kind, key, partial } }: { readonly finding: Finding }) {
  const { go, open } = useView();
  const step = nextStep(kind);
  switch (step.to) {
    case 'place':
      return (
        <Button look="compact" onPress={() => go(step.place, step.section)}>
          {step.word}
        </Button>
      );
    case 'key':
      return (
        <Button look="compact" onPress={() => (key === undefined ? go('keys') : open(key))}>
          {step.word}
        </Button>
      );
    case 'home':
      return (
        <>
          <span>{step.text}</span>
          <Button look="compact" onPress={() => ask('vault.showHome', {})}>
            {step.word}
          </Button>
        </>
      );
    case 'lock':
      return (
        <>
          <span>{step.text}</span>
          <Button look="compact" onPress={() => ask('vault.lock', {})}>
            {step.word}
          </Button>
        </>
      );
    case 'forget':
      return partial === undefined ? null : <Forget partial={partial} />;
    case 'words':
      return <span>{step.text}</span>;
  }
}
