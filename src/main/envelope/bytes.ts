/** Writes fixed fields and length-prefixed parts, big-endian, into one buffer that grows as needed. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  u8(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(value);
    return this.raw(bytes);
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return this.raw(bytes);
  }

  u64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return this.raw(bytes);
  }

  /** Bytes with their length before them as u16. Throws RangeError above 65,535. */
  sized(bytes: Uint8Array): this {
    return this.u16(bytes.length).raw(bytes);
  }

  done(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}

/** Thrown by `ByteReader` when fewer bytes are there than a field needs; callers turn it into a typed error. */
export class OutOfBytes extends Error {}

/** Reads the same fields back. Returns views, never copies, and never past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  raw(length: number): Buffer {
    if (length > this.left) throw new OutOfBytes();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8(): number {
    return this.raw(1).readUInt8();
  }

  u16(): number {
    return this.raw(2).readUInt16BE();
  }

  u32(): number {
    return this.raw(4).readUInt32BE();
  }

  /** A u64 that fits a JavaScript number; `undefined` if it does not. */
  u64(): number | undefined {
    const value = this.raw(8).readBigUInt64BE();
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
  }

  sized(): Buffer {
    return this.raw(this.u16());
  }
}
