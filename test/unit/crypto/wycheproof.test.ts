import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gcmDecrypt, gcmEncrypt } from '../../../src/main/crypto/aead.ts';
import {
  type EcCurve,
  ecdh,
  ecPublicKey,
  ecVerifyByPoint,
  edVerifyByPoint,
} from '../../../src/main/crypto/curves.ts';
import { ecdsaVerifier } from '../../../src/main/crypto/ecdsa.ts';
import { digestWith, hkdf, hkdfWith, hmacWith, sha256 } from '../../../src/main/crypto/hash.ts';
import { unwrapPadded } from '../../../src/main/crypto/key-wrap.ts';
import {
  decapsulate,
  type MlDsa,
  type MlKem,
  mlPublicKey,
  mlSign,
  mlVerify,
  mlVerifyByKey,
} from '../../../src/main/crypto/post-quantum.ts';
import {
  type RsaPadding,
  type RsaPrivateKey,
  rsaDecrypt,
  rsaPrivateKey,
} from '../../../src/main/crypto/rsa.ts';
import {
  oaepDecrypt,
  type RsaHash,
  rsaSign,
  rsaVerify,
  rsaVerifyBySpki,
} from '../../../src/main/crypto/rsa-keys.ts';
import { verifyBytes } from '../../../src/main/crypto/sign.ts';
import { type WycheproofTest, wycheproofFiles } from '../../support/wycheproof.ts';

const hex = (text: unknown) => Buffer.from(String(text), 'hex');
const shaOf = ({ group }: WycheproofTest) => String(group['sha']).toLowerCase().replace('-', '');
const CURVES: { readonly [name: string]: EcCurve } = {
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp256k1: 'secp256k1',
};

const LEVEL = process.env['KEYWARD_TEST_LEVEL'] ?? 'quick';
const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? 0);

/**
 * Every file of a primitive, one test for each; `least`: fewer tests than that in any of them are a mistake.
 * `oneIn`: of a slow primitive, `npm test` takes one in so many, which the seed of the run draws; `test:full` four
 * times as many, `test:long` all.
 */
function everyFile(
  family: string,
  least: number,
  check: (test: WycheproofTest, file: string) => void,
  oneIn = 1,
): void {
  it.each(wycheproofFiles(family))('$name', ({ name, tests }) => {
    expect(tests.length).toBeGreaterThanOrEqual(least);
    const step = LEVEL === 'long' ? 1 : LEVEL === 'full' ? Math.ceil(oneIn / 4) : oneIn;
    for (const [index, test] of tests.entries()) if ((index + SEED) % step === 0) check(test, name);
  });
}

/** What must come out: `undefined` where nothing may. */
function expectValue(test: WycheproofTest, got: Uint8Array | undefined, field: string): void {
  // Either answer is right then, but never another value.
  if (test.result === 'acceptable' && got === undefined) return;
  expect(got, test.says).toEqual(test.result === 'invalid' ? undefined : test.bytes(field));
}

describe('Wycheproof: AES-GCM', () => {
  everyFile('aes-gcm', 300, (test) => {
    // Keyward's IVs and tags have one length each.
    if (test.group['ivSize'] !== 96 || test.group['tagSize'] !== 128) return;
    const [key, iv, aad] = [test.bytes('key'), test.bytes('iv'), test.bytes('aad')];
    const sealed = Buffer.concat([test.bytes('ct'), test.bytes('tag')]);
    expectValue(test, gcmDecrypt(key, iv, aad, sealed), 'msg');
    if (test.result === 'valid')
      expect(gcmEncrypt(key, iv, aad, test.bytes('msg')), test.says).toEqual(sealed);
  });
});

describe('Wycheproof: AES key wrap with padding', () => {
  everyFile('key-wrap', 250, (test) => {
    expectValue(test, unwrapPadded(test.bytes('key'), test.bytes('ct')), 'msg');
  });
});

describe('Wycheproof: HKDF', () => {
  everyFile('hkdf', 80, (test, file) => {
    const [ikm, salt, info, size] = [
      test.bytes('ikm'),
      test.bytes('salt'),
      test.bytes('info'),
      test.number('size'),
    ];
    const hash = file.replace('hkdf_', '');
    const derive = () =>
      hash === 'sha512'
        ? hkdf(ikm, salt, info, size)
        : hkdfWith(hash as 'sha256' | 'sha384', ikm, salt, info, size);
    if (test.result === 'invalid') expect(derive, test.says).toThrow(RangeError);
    else expect(derive(), test.says).toEqual(test.bytes('okm'));
  });
});

describe('Wycheproof: HMAC', () => {
  everyFile('hmac', 170, (test, file) => {
    const mac = hmacWith(file.replace('hmac_', '') as 'sha256', test.bytes('key'), test.bytes('msg'));
    const isEqual = mac.subarray(0, Number(test.group['tagSize']) / 8).equals(test.bytes('tag'));
    expect(isEqual, test.says).toBe(test.result === 'valid');
  });
});

describe('Wycheproof: ECDH', () => {
  everyFile(
    'ecdh',
    350,
    (test, file) => {
      const curve = CURVES[file.split('_')[1] ?? ''] ?? 'P-256';
      const [peer, secret] = [peerOf(test, curve), secretOf(test, curve)];
      const shared = secret === undefined || peer === undefined ? undefined : ecdh(curve, secret, peer);
      expectValue(test, shared, 'shared');
    },
    20,
  );
});

/** The peer's key as SubjectPublicKeyInfo, the one form that is taken; `undefined` if it can't be made one. */
function peerOf({ own, group }: WycheproofTest, curve: EcCurve): Buffer | undefined {
  if (group['encoding'] === 'asn') return hex(own['public']);
  if (group['encoding'] === 'pem') {
    return Buffer.from(String(own['public']).replace(/-----[^-]+-----|\s/g, ''), 'base64');
  }
  const point = group['encoding'] === 'ecpoint' ? hex(own['public']) : pointOf(own['public'], curve);
  // An uncompressed point of this curve has the head of any other; a point of another length has none.
  const whole = ecPublicKey(curve, oneOf(curve));
  const head = whole.subarray(0, -(1 + 2 * BYTES[curve]));
  if (point?.length === 1 + 2 * BYTES[curve]) return Buffer.concat([head, point]);
  if (point?.length !== 1 + BYTES[curve]) return undefined;
  const short = Buffer.from(head);
  // The lengths of the two elements that hold the point, in the long form where they have more than 127 bytes.
  return spkiOf(short, point, curve);
}

const BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66, secp256k1: 32 } as const;

/** The scalar 1. */
function oneOf(curve: EcCurve): Buffer {
  const one = Buffer.alloc(BYTES[curve]);
  one[one.length - 1] = 1;
  return one;
}

function element(tag: number, contents: Buffer): Buffer {
  return Buffer.concat([Uint8Array.of(tag, contents.length), contents]);
}

/** A compressed point in SubjectPublicKeyInfo; `head` has the curve's identifier. */
function spkiOf(head: Buffer, point: Buffer, curve: EcCurve): Buffer {
  const at = head.indexOf(Buffer.from('06072a8648ce3d0201', 'hex'));
  const length = curve === 'P-256' ? 19 : 16;
  const algorithm = element(0x30, head.subarray(at, at + length));
  return element(0x30, Buffer.concat([algorithm, element(0x03, Buffer.concat([Uint8Array.of(0), point]))]));
}

/** The point of a JWK; `undefined` where the curve or a coordinate's length is another. */
function pointOf(jwk: unknown, curve: EcCurve): Buffer | undefined {
  const { crv, x, y } = jwk as { readonly crv?: string; readonly x?: string; readonly y?: string };
  const [a, b] = [Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')];
  if (crv !== (curve === 'secp256k1' ? 'P-256K' : curve) && crv !== curve) return undefined;
  return a.length === BYTES[curve] && b.length === a.length
    ? Buffer.concat([Uint8Array.of(4), a, b])
    : undefined;
}

/** The scalar, as long as the curve's order. */
function secretOf({ own, group }: WycheproofTest, curve: EcCurve): Buffer | undefined {
  if (group['encoding'] === 'webcrypto')
    return padded((own['private'] as { d: string }).d, 'base64url', curve);
  if (group['encoding'] !== 'pem') return padded(String(own['private']), 'hex', curve);
  const pem = String(own['private']).replace(/-----[^-]+-----|\s/g, '');
  // PKCS #8 of an ECPrivateKey (RFC 5915): version 1, then the scalar.
  const bytes = Buffer.from(pem, 'base64');
  const at = bytes.indexOf(Buffer.from('02010104', 'hex'), 10);
  const length = bytes[at + 4] ?? 0;
  return at < 0 ? undefined : padded(bytes.toString('hex', at + 5, at + 5 + length), 'hex', curve);
}

function padded(text: string, encoding: 'hex' | 'base64url', curve: EcCurve): Buffer {
  const even = encoding === 'hex' && text.length % 2 === 1 ? `0${text}` : text;
  const bytes = Buffer.from(even, encoding);
  return Buffer.concat([Buffer.alloc(BYTES[curve]), bytes]).subarray(-BYTES[curve]);
}

describe('Wycheproof: ECDSA', () => {
  everyFile(
    'ecdsa',
    470,
    (test, file) => {
      const [, name = '', hash] = file.split('_');
      const curve = CURVES[name] ?? 'P-256';
      const point = hex((test.group['publicKey'] as { uncompressed: string }).uncompressed);
      const digest = digestWith(hash as 'sha256', test.bytes('msg'));
      const holds = ecVerifyByPoint(curve, point, digest, test.bytes('sig'));
      expect(holds, test.says).toBe(test.result === 'valid');
      if (curve !== 'P-256' && curve !== 'P-384') return;
      // The other verifier, that of AWS messages.
      const size = BYTES[curve];
      const short = Buffer.concat([
        Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)),
        point.subarray(1, 1 + size),
      ]);
      const verifier = ecdsaVerifier(curve, short);
      verifier?.update(test.bytes('msg'));
      expect(verifier?.verify(test.bytes('sig')), test.says).toBe(test.result === 'valid');
    },
    5,
  );
});

describe('Wycheproof: Ed25519', () => {
  everyFile('ed25519', 150, (test) => {
    const key = hex((test.group['publicKey'] as { pk: string }).pk);
    const [message, signature] = [test.bytes('msg'), test.bytes('sig')];
    const answers = [verifyBytes(key, message, signature), edVerifyByPoint(key, message, signature, false)];
    expect(answers, test.says).toEqual(Array(2).fill(test.result === 'valid'));
  });
});

const pem = (pkcs8: Buffer) =>
  `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
const keys = new Map<string, RsaPrivateKey>();

function keyOf({ group }: WycheproofTest): RsaPrivateKey {
  const text = String(group['privateKeyPkcs8']);
  const key = keys.get(text) ?? rsaPrivateKey(pem(hex(text)));
  if (key === undefined) throw new Error('the key of the file was not read');
  keys.set(text, key);
  return key;
}

describe('Wycheproof: RSA-OAEP', () => {
  everyFile('rsa-oaep', 30, (test) => {
    const hash = shaOf(test);
    const opened = [rsaDecrypt(keyOf(test), `oaep-${hash}` as RsaPadding, test.bytes('ct'))];
    if (hash === 'sha1' || hash === 'sha256') {
      opened.push(oaepDecrypt(hex(test.group['privateKeyPkcs8']), hash, test.bytes('ct')));
    }
    // There are no labels here: what was made with one does not open.
    const nothing = test.result === 'invalid' || test.bytes('label').length > 0;
    for (const one of opened) expect(one, test.says).toEqual(nothing ? undefined : test.bytes('msg'));
  });
});

describe('Wycheproof: RSA with PKCS #1 v1.5, decryption', () => {
  everyFile('rsa-pkcs1', 60, (test) => {
    expectValue(test, rsaDecrypt(keyOf(test), 'pkcs1', test.bytes('ct')), 'msg');
  });
});

describe('Wycheproof: RSA with PKCS #1 v1.5, signatures', () => {
  everyFile('rsa-sign', 250, (test) => {
    const hash = shaOf(test) as RsaHash;
    const digest = digestWith(hash, test.bytes('msg'));
    const holds = rsaVerifyBySpki(hex(test.group['publicKeyDer']), 'pkcs1', hash, digest, test.bytes('sig'));
    if (test.result !== 'acceptable') expect(holds, test.says).toBe(test.result === 'valid');
    else expect(test.flags, test.says).toEqual(['MissingNull']);
  });

  everyFile('rsa-generate', 20, (test) => {
    const hash = shaOf(test) as RsaHash;
    const [key, digest] = [hex(test.group['privateKeyPkcs8']), digestWith(hash, test.bytes('msg'))];
    expect(rsaSign(key, 'pkcs1', hash, digest), test.says).toEqual(test.bytes('sig'));
    expect(rsaVerify(key, 'pkcs1', hash, digest, test.bytes('sig')), test.says).toBe(true);
  });
});

describe('Wycheproof: RSA-PSS', () => {
  everyFile('rsa-pss', 18, (test) => {
    const hash = shaOf(test) as RsaHash;
    const digest = digestWith(hash, test.bytes('msg'));
    const key = hex(test.group['publicKeyDer']);
    expect(createPublicKey({ key, format: 'der', type: 'spki' }).asymmetricKeyType).toBe('rsa');
    // AWS KMS has salts as long as the hash, no others.
    const isOurs = Number(test.group['sLen']) === digest.length;
    const isValid = isOurs
      ? test.result === 'valid'
      : test.own['comment'] === `s_len changed to ${digest.length}`;
    expect(rsaVerifyBySpki(key, 'pss', hash, digest, test.bytes('sig')), test.says).toBe(isValid);
  });
});

const DSA = (file: string) => `ML_DSA_${file.split('_')[1]}` as MlDsa;
const KEM = (file: string) => `ML_KEM_${file.split('_')[1]}` as MlKem;
/** AWS KMS signs without a context. */
const hasContext = (test: WycheproofTest) => test.bytes('ctx').length > 0;

describe('Wycheproof: ML-DSA', () => {
  everyFile('ml-dsa', 180, (test, file) => {
    const key = hex(test.group['publicKey']);
    const holds = mlVerifyByKey(DSA(file), key, test.bytes('msg'), test.bytes('sig'), false);
    expect(holds, test.says).toBe(test.result === 'valid' && !hasContext(test));
  });

  everyFile(
    'ml-dsa-sign',
    80,
    (test, file) => {
      const [set, seed] = [DSA(file), hex(test.group['privateSeed'])];
      if (seed.length !== 32) {
        expect(test.result, test.says).toBe('invalid');
        expect(() => mlPublicKey(set, seed), test.says).toThrow();
        return;
      }
      const publicKey = mlPublicKey(set, seed).subarray(
        -{ ML_DSA_44: 1312, ML_DSA_65: 1952, ML_DSA_87: 2592 }[set],
      );
      expect(sha256(publicKey).toString('hex'), test.says).toBe(test.group['publicKeySha256']);
      if (hasContext(test) || test.own['msg'] === undefined) return;
      // Signing draws random bytes, so what was signed as a message must hold for its mu, and the reverse.
      const [message, mu] = [test.bytes('msg'), test.bytes('mu')];
      expect(mlVerify(set, seed, mu, mlSign(set, seed, message, false), true), test.says).toBe(true);
      expect(mlVerify(set, seed, message, mlSign(set, seed, mu, true), false), test.says).toBe(true);
    },
    5,
  );
});

describe('Wycheproof: ML-KEM', () => {
  everyFile('ml-kem', 100, (test, file) => {
    const [set, seed] = [KEM(file), test.bytes('seed')];
    if (seed.length !== 64) {
      expect(test.result, test.says).toBe('invalid');
      expect(() => mlPublicKey(set, seed), test.says).toThrow();
      return;
    }
    const bytes = { ML_KEM_512: 800, ML_KEM_768: 1184, ML_KEM_1024: 1568 }[set];
    const encapsulation = mlPublicKey(set, seed).subarray(-bytes);
    expect(sha256(encapsulation).toString('hex'), test.says).toBe(test.own['ekSha256']);
    if (test.own['c'] !== undefined) expectValue(test, decapsulate(set, seed, test.bytes('c')), 'K');
  });
});
