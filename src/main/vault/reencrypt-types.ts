import type { OpenFile } from '../disk/file.ts';
import type { CheckedFile } from '../envelope/body.ts';
import type { Encrypted } from '../envelope/encrypt.ts';
import type { ByteSink, ByteSource } from '../envelope/io.ts';
import type { Watch } from '../envelope/pipeline.ts';
import type { Tx } from '../store/database.ts';
import type { FileControl } from './runner.ts';

/** Under which key to encrypt anew: unless told each file stays with its own. */
export type ReencryptTarget = { readonly key?: string };

/** A file that is opened, with the header of the one that takes its place. */
export type Reencryption = {
  /** What is in it. */
  readonly content: CheckedFile<OpenFile>;
  /** Of the new file. */
  readonly messageId: Buffer;
  /** How many keys could open the old file. */
  readonly keys: number;
  readonly notes: readonly string[];
  encrypt(source: ByteSource, sink: ByteSink, watch: Watch): Promise<Encrypted>;
  record?(tx: Tx, bytes: number): void;
};

/** A file to encrypt anew; the keys that come to light on the way go to `secrets`, which are wiped in the end. */
export type Old = { readonly file: OpenFile; readonly own: FileControl; readonly secrets: Buffer[] };
