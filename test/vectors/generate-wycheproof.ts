/**
 * Makes wycheproof/*.json.br: the tests of Project Wycheproof that concern a primitive Keyward uses, without the
 * fields that no test reads. Run with `node scripts/run.mjs test/vectors/generate-wycheproof.ts FOLDER`, where
 * FOLDER is `testvectors_v1/` of https://github.com/C2SP/wycheproof (Apache-2.0); see wycheproof/README.md.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

type Fields = { readonly [field: string]: unknown };
type Group = Fields & { readonly tests: readonly Fields[] };
type File = { readonly numberOfTests: number; readonly testGroups: readonly Group[] };

/** What is kept of the files of one primitive. */
type Family = {
  readonly files: readonly string[];
  /** Fields of a group and of a test; a test's id, comment, flags and result are always kept. */
  readonly group: readonly string[];
  readonly test: readonly string[];
  /** Long values of which the SHA-256 is enough, since a test only compares them. */
  readonly digests?: readonly string[];
  /** Groups that concern Keyward; all unless told. */
  readonly wanted?: (group: Group) => boolean;
};

const CURVES = ['secp256r1', 'secp384r1', 'secp521r1'] as const;
const RSA_BITS = [2048, 3072, 4096] as const;
const HASHES = ['sha256', 'sha384', 'sha512'] as const;
const SETS = { mldsa: [44, 65, 87], mlkem: [512, 768, 1024] } as const;

/** One hash for OAEP and its mask, of the four that Keyward knows, and a key that it takes. */
function isOaep({ keySize, sha, mgfSha }: Group): boolean {
  return Number(keySize) >= 2048 && sha === mgfSha && /^SHA-(1|256|384|512)$/.test(String(sha));
}

/** A salt as long as the hash, which is the mask's too, as AWS KMS has it; other salts must be refused. */
function isPss({ keySize, sha, mgfSha, mgf }: Group): boolean {
  return (
    Number(keySize) >= 2048 && mgf === 'MGF1' && sha === mgfSha && /^SHA-(256|384|512)$/.test(String(sha))
  );
}

export const FAMILIES: { readonly [name: string]: Family } = {
  'aes-gcm': {
    files: ['aes_gcm'],
    group: ['ivSize', 'keySize', 'tagSize'],
    test: ['key', 'iv', 'aad', 'msg', 'ct', 'tag'],
  },
  'key-wrap': { files: ['aes_kwp'], group: ['keySize'], test: ['key', 'msg', 'ct'] },
  ecdh: {
    files: [
      ...CURVES.flatMap((curve) =>
        ['', '_ecpoint', '_pem', '_webcrypto'].map((form) => `ecdh_${curve}${form}`),
      ),
      'ecdh_secp256k1',
      'ecdh_secp256k1_webcrypto',
    ],
    group: ['curve', 'encoding'],
    test: ['public', 'private', 'shared'],
  },
  ecdsa: {
    files: [
      'ecdsa_secp256r1_sha256',
      'ecdsa_secp384r1_sha384',
      'ecdsa_secp521r1_sha512',
      'ecdsa_secp256k1_sha256',
    ],
    group: ['publicKey', 'sha'],
    test: ['msg', 'sig'],
  },
  ed25519: { files: ['ed25519'], group: ['publicKey'], test: ['msg', 'sig'] },
  hkdf: {
    files: HASHES.map((hash) => `hkdf_${hash}`),
    group: [],
    test: ['ikm', 'salt', 'info', 'size', 'okm'],
  },
  hmac: {
    files: ['sha224', ...HASHES].map((hash) => `hmac_${hash}`),
    group: ['tagSize'],
    test: ['key', 'msg', 'tag'],
  },
  'rsa-oaep': {
    files: [
      'rsa_oaep_2048_sha1_mgf1sha1',
      ...HASHES.map((hash) => `rsa_oaep_2048_${hash}_mgf1${hash}`),
      ...[3072, 4096].flatMap((bits) =>
        ['sha256', 'sha512'].map((hash) => `rsa_oaep_${bits}_${hash}_mgf1${hash}`),
      ),
      'rsa_oaep_misc',
      'rsa_three_primes_oaep_2048_sha1_mgf1sha1',
      'rsa_three_primes_oaep_4096_sha256_mgf1sha256',
    ],
    group: ['sha', 'privateKeyPkcs8'],
    test: ['msg', 'ct', 'label'],
    wanted: isOaep,
  },
  'rsa-pkcs1': {
    files: RSA_BITS.map((bits) => `rsa_pkcs1_${bits}`),
    group: ['privateKeyPkcs8'],
    test: ['msg', 'ct'],
  },
  'rsa-sign': {
    files: RSA_BITS.flatMap((bits) => HASHES.map((hash) => `rsa_signature_${bits}_${hash}`)),
    group: ['publicKeyDer', 'sha'],
    test: ['msg', 'sig'],
  },
  'rsa-generate': {
    files: RSA_BITS.map((bits) => `rsa_pkcs1_${bits}_sig_gen`),
    group: ['privateKeyPkcs8', 'sha'],
    test: ['msg', 'sig'],
    wanted: ({ sha }) => /^SHA-(256|384|512)$/.test(String(sha)),
  },
  'rsa-pss': {
    files: [
      'rsa_pss_2048_sha256_mgf1_0',
      'rsa_pss_2048_sha256_mgf1_32',
      'rsa_pss_2048_sha384_mgf1_48',
      'rsa_pss_3072_sha256_mgf1_32',
      'rsa_pss_4096_sha256_mgf1_32',
      'rsa_pss_4096_sha384_mgf1_48',
      'rsa_pss_4096_sha512_mgf1_32',
      'rsa_pss_4096_sha512_mgf1_64',
      'rsa_pss_misc',
    ],
    group: ['publicKeyDer', 'sha', 'sLen'],
    test: ['msg', 'sig'],
    wanted: isPss,
  },
  'ml-dsa-sign': {
    files: SETS.mldsa.map((set) => `mldsa_${set}_sign_seed`),
    group: ['privateSeed', 'publicKey'],
    test: ['msg', 'mu', 'ctx'],
    digests: ['publicKey'],
  },
  'ml-dsa': {
    files: SETS.mldsa.map((set) => `mldsa_${set}_verify`),
    group: ['publicKey'],
    test: ['msg', 'ctx', 'mu', 'sig'],
  },
  'ml-kem': {
    files: SETS.mlkem.flatMap((set) => [`mlkem_${set}`, `mlkem_${set}_keygen_seed`]),
    group: ['parameterSet'],
    test: ['seed', 'ek', 'c', 'K'],
    digests: ['ek'],
  },
};

const ALWAYS = ['tcId', 'comment', 'flags', 'result'];

function kept(from: Fields, fields: readonly string[], digests: readonly string[]): Fields {
  const pairs = fields.flatMap((field) => {
    const value = from[field];
    if (value === undefined) return [];
    if (!digests.includes(field)) return [[field, value]];
    const digest = createHash('sha256')
      .update(Buffer.from(String(value), 'hex'))
      .digest('hex');
    return [[`${field}Sha256`, digest]];
  });
  return Object.fromEntries(pairs) as Fields;
}

/** A file with what its family keeps of it, and how many tests there were. */
function reduced(file: File, { group, test, digests = [], wanted = () => true }: Family): File {
  return {
    numberOfTests: file.numberOfTests,
    testGroups: file.testGroups.filter(wanted).map((one) => ({
      ...kept(one, group, digests),
      tests: one.tests.map((each) => kept(each, [...ALWAYS, ...test], digests)),
    })),
  };
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('Name the folder testvectors_v1 of Project Wycheproof.');
  for (const [name, family] of Object.entries(FAMILIES)) {
    const files = family.files.map((file) => {
      const read = JSON.parse(readFileSync(join(folder, `${file}_test.json`), 'utf8')) as File;
      return [file, reduced(read, family)] as const;
    });
    const text = Buffer.from(JSON.stringify(Object.fromEntries(files)));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    };
    writeFileSync(
      join(import.meta.dirname, 'wycheproof', `${name}.json.br`),
      brotliCompressSync(text, { params }),
    );
    for (const [file, { numberOfTests, testGroups }] of files) {
      const left = testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
      console.log(`${name}: ${file}, ${left} of ${numberOfTests} tests`);
    }
  }
}
