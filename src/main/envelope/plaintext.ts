import { type CheckedFile, readFrame } from './body.ts';
import { frameOpener } from './decrypt.ts';
import type { ByteSource } from './io.ts';

/**
 * The plaintext of a file whose end was checked, as a source: each read decrypts as many frames as it needs and
 * verifies them first. `wipe` ends it. Reads throw `FileDamaged` and `FileTruncated`.
 */
export function plaintextSource(checked: CheckedFile): ByteSource & { wipe(): void } {
  const { file, body, plan, size } = checked;
  const opener = frameOpener(body, file.path, Math.min(body.frameLength, plan.plaintextLength));
  let rest: Uint8Array = new Uint8Array(0);
  let sequence = 0;
  let left = plan.plaintextLength;

  async function nextFrame(): Promise<Uint8Array> {
    sequence++;
    return opener.open(await readFrame(file, body, plan, sequence, size));
  }
  return {
    name: file.path,
    get length() {
      return left;
    },
    async read(buffer) {
      let done = 0;
      while (done < buffer.length && left > 0) {
        if (rest.length === 0) rest = await nextFrame();
        const part = rest.subarray(0, buffer.length - done);
        buffer.set(part, done);
        rest = rest.subarray(part.length);
        done += part.length;
        left -= part.length;
      }
      return done;
    },
    wipe: () => opener.wipe(),
  };
}
