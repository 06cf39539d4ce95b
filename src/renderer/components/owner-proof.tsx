import { type ReactElement, useRef, useState } from 'react';
import type { BridgeInput } from '../../shared/bridge.ts';
import { takeSecret } from '../bridge.ts';
import { Button } from './button.tsx';
import { SecretField, useShown } from './secret-field.tsx';

/** What the owner is recognised by once more. */
type Shown = BridgeInput<'vault.stepUp'>;

/** Asks who the owner is: the fields, and what takes the answer from them. `has`: whether the vault has a passphrase. */
export function useOwnerProof(has: boolean): { readonly fields: ReactElement; readonly take: () => Shown } {
  const [way, setWay] = useState<Shown['kind']>(has ? 'passphrase' : 'recovery-phrase');
  const field = useRef<HTMLInputElement>(null);
  const [shown, toggle] = useShown();
  const fields = (
    <>
      <SecretField
        key={way}
        label={way === 'passphrase' ? 'Your passphrase' : 'Recovery phrase'}
        field={field}
        shown={shown}
      />
      <div className="actions">
        {toggle}
        {has ? (
          <Button
            look="plain compact"
            onPress={() => setWay(way === 'passphrase' ? 'recovery-phrase' : 'passphrase')}
          >
            {way === 'passphrase' ? 'Use the recovery phrase' : 'Use the passphrase'}
          </Button>
        ) : null}
      </div>
    </>
  );
  const take = (): Shown => ({
    kind: way,
    secret: field.current === null ? new Uint8Array() : takeSecret(field.current),
  });
  return { fields, take };
}
