import type { OpenFile } from '../disk/file.ts';
import type { ByteSink } from '../envelope/io.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import type { Watch } from '../envelope/pipeline.ts';
import type { Survey } from '../envelope/salvage-scan.ts';

/** An encrypted file of either format whose header was opened. Whoever gets it wipes it. */
export type OpenedFile = {
  readonly metadata: FileMetadata;
  readonly messageId: Buffer;
  /** What is worth telling about it. */
  readonly notes: readonly string[];
  /** A file, or a whole folder in one. */
  readonly contentKind: 'file' | 'package';
  /** Verifies the end of the file and gives the length of the plaintext. */
  check(): Promise<number>;
  /** Verifies every frame; `onLength` hears the length of the plaintext. Resolves to it. */
  verify(watch: Watch, onLength: (length: number) => void): Promise<number>;
  /** Decrypts all of it into an empty file; resolves to the bytes of plaintext. */
  into(target: OpenFile, watch: Watch): Promise<number>;
  /** Decrypts the bytes from `first` up to, not including, `end`; resolves to how many these are. */
  range(first: number, end: number, sink: ByteSink, watch: Watch): Promise<number>;
  /** Decrypts what is authentic of it into an empty file. */
  salvage(target: OpenFile, watch: Watch): Promise<Survey>;
  wipe(): void;
};
