import type { EncryptionContext } from '../../shared/context.ts';
import type { Inspection } from '../../shared/contract.ts';
import type { OpenFile } from '../disk/file.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import type { CheckedFile } from '../envelope/body.ts';
import type { Encrypted } from '../envelope/encrypt.ts';
import type { HeaderState } from '../envelope/header-copies.ts';
import type { ByteSink, ByteSource, ReadableFile } from '../envelope/io.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import type { Watch } from '../envelope/pipeline.ts';
import type { SalvagedRecords } from '../envelope/salvage-scan.ts';
import type { CatalogEntry } from './catalog.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import type { SlotKind } from './slot-kinds.ts';

/** What both formats can be written with; `suite` makes it an AWS message of that suite. */
export type Kind = {
  readonly context: EncryptionContext;
  readonly contentKind: 'file' | 'package';
  readonly suite?: WrittenSuite;
};

/** What can be read and can't be searched by position at will: a spooled stream. Whoever gets it wipes it. */
export type OpenedReadable = {
  readonly metadata: FileMetadata;
  readonly messageId: Buffer;
  /** How to make one of the same kind. */
  readonly kind: Kind;
  /** What is worth telling about it. */
  readonly notes: readonly string[];
  /** Verifies the end and gives the length of the plaintext. */
  check(): Promise<number>;
  /** Decrypts all of it in order; without a sink it is only verified. Resolves to the bytes of plaintext. */
  stream(sink: ByteSink | undefined, watch: Watch): Promise<number>;
  wipe(): void;
};

/** An encrypted file whose header was opened. Whoever gets it wipes it. */
export type OpenedFile = Omit<OpenedReadable, 'stream'> & {
  /** How many keys could open it. */
  readonly keys: number;
  /** The key of the vault that it is under. Throws `UnsupportedSlot` and `WrongKey` if there is none. */
  key(): string;
  /** Verifies every frame; `onLength` hears the length of the plaintext. Resolves to it. */
  verify(watch: Watch, onLength: (length: number) => void): Promise<number>;
  /** Decrypts all of it into an empty file; resolves to the bytes of plaintext. */
  into(target: OpenFile, watch: Watch): Promise<number>;
  /** Decrypts the bytes from `first` up to, not including, `end`; resolves to how many these are. */
  range(first: number, end: number, sink: ByteSink, watch: Watch): Promise<number>;
  /** Decrypts what is authentic of it into an empty file. */
  salvage(target: OpenFile, watch: Watch): Promise<SalvagedRecords>;
  /** Its frames, to be read in any order by whoever may release what one of them holds. */
  frames(watch: Watch): Promise<CheckedFile<OpenFile>>;
};

/** A stream whose header was opened: it flows, or has to be kept and read as a file. */
export type OpenedStream =
  | {
      readonly flows: true;
      readonly contentKind: Kind['contentKind'];
      readonly notes: readonly string[];
      flow(sink: ByteSink, watch: Watch): Promise<number>;
      wipe(): void;
    }
  | { readonly flows: false; readonly whole: ByteSource };

/** What a new file is made of. `key`: id, ARN or alias. */
export type NewFileJob = Kind & { readonly key: string; readonly metadata: FileMetadata };

/** A file whose header is made and whose body is to be. It serves one call; whoever gets it wipes it. */
export type NewFile = {
  readonly messageId: Buffer;
  /** Encrypts the first `length` bytes of a file into an empty one. */
  encryptFile(source: OpenFile, length: number, target: OpenFile, watch: Watch): Promise<Encrypted>;
  encryptStream(source: ByteSource, sink: ByteSink, watch: Watch): Promise<Encrypted>;
  /** What the catalog keeps of it; `undefined` for a format of which it keeps nothing. */
  entry(file: Pick<CatalogEntry, 'path' | 'bytes' | 'at' | 'mark'>): CatalogEntry | undefined;
  wipe(): void;
};

/** A format of encrypted files, read and written. Jobs over files know no other way to one. */
export type FileFormat = {
  open(services: JobServices, by: JobCaller, file: OpenFile, keyring?: Keyring): Promise<OpenedFile>;
  openReadable(
    services: JobServices,
    by: JobCaller,
    file: ReadableFile,
    keyring?: Keyring,
  ): Promise<OpenedReadable>;
  openStream(
    services: JobServices,
    by: JobCaller,
    source: ByteSource,
    keyring?: Keyring,
  ): Promise<OpenedStream>;
  /** What a file says of itself without any key; nothing of it is proven. */
  inspect(file: OpenFile, size: number, kinds: readonly Pick<SlotKind, 'describe'>[]): Promise<Inspection>;
  /** The header of a file, to be replaced in place or to give its data key out. Throws `UnsupportedOperationException`. */
  header(file: OpenFile, purpose: 'rewrap' | 'export'): Promise<HeaderState>;
  create(services: JobServices, by: Pick<JobCaller, 'caller'>, job: NewFileJob): Promise<NewFile>;
};
