import type { TypedPair } from '../../components/pair-fields.tsx';

/** A key as it is put together. */
export type Draft = {
  readonly usage: string;
  readonly spec: string;
  readonly name: string;
  readonly description: string;
  /** A new version every year. */
  readonly rotation: boolean;
  readonly tags: readonly TypedPair[];
  /** The material comes from elsewhere, later. */
  readonly external: boolean;
};
