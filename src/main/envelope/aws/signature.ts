import { ecdsaVerifier } from '../../crypto/ecdsa.ts';
import { damaged } from '../errors.ts';
import { boundedSource, type ReadableFile } from '../io.ts';
import { runPipeline, type Watch } from '../pipeline.ts';
import { PUBLIC_KEY } from './context.ts';
import type { OpenMessage } from './keys.ts';

const PIECE = 1 << 20;

/**
 * Verifies the signature of a message over its header and the body up to `end`; nothing is decrypted. Throws
 * `FileDamaged` if it does not hold.
 */
export async function verifySignature(
  file: ReadableFile,
  { header }: OpenMessage,
  end: number,
  signature: Buffer,
  { signal }: Watch,
): Promise<void> {
  const point = Buffer.from(header.context[PUBLIC_KEY] ?? '', 'base64');
  const verifier = header.suite.curve === undefined ? undefined : ecdsaVerifier(header.suite.curve, point);
  if (verifier === undefined) {
    throw damaged(file.path, 0, header.bodyAt, 'public-key-impossible');
  }
  verifier.update(header.bytes);
  const source = boundedSource(file, header.bodyAt, end);
  const buffers = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
  let count = 0;
  await runPipeline(
    {
      source,
      sink: undefined,
      next: async () => {
        const left = source.length ?? 0;
        if (left === 0) return undefined;
        const buffer = (buffers[count++ % 2] ?? Buffer.alloc(0)).subarray(0, left);
        return buffer.subarray(0, await source.read(buffer));
      },
      work: (piece) => {
        if (piece.length === 0) throw damaged(file.path, header.bodyAt, end, 'shorter-while-read');
        verifier.update(piece);
        return { output: piece, plaintext: 0 };
      },
    },
    { signal },
  );
  if (!verifier.verify(signature)) {
    throw damaged(file.path, 0, end, 'signature-does-not-hold');
  }
}
