import { gcm } from '@noble/ciphers/aes.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import { fail } from '../../shared/errors.ts';
import { gcmDecrypt, gcmEncrypt, seal, unseal } from './aead.ts';
import { equalBytes, randomBytes } from './bytes.ts';
import { ecdsaVerifier, newEcdsaSigner } from './ecdsa.ts';
import { hkdf, hkdfWith, hmacSha256, hmacSha512, sha256, sha512 } from './hash.ts';
import { passphraseKey } from './passphrase.ts';
import { entropyOf, phraseOf } from './phrase.ts';
import { signBytes, signingPublicKey, verifyBytes } from './sign.ts';

/** A test of one primitive: gives true only if every known answer came out. */
type SelfTest = { readonly name: string; readonly run: () => boolean | Promise<boolean> };

/** How one self-test went. */
export type SelfTestResult = { readonly name: string; readonly ok: boolean; readonly milliseconds: number };

const hex = (text: string) => Buffer.from(text, 'hex');
const ascii = (text: string) => Buffer.from(text, 'latin1');

/** All answers equal the first one, which is the published one. */
function agree(published: string, ...answers: readonly Uint8Array[]): boolean {
  return answers.every((answer) => equalBytes(answer, hex(published)));
}

/** Every primitive of this room, with published answers, and against @noble/* where both have it. */
export const SELF_TESTS: readonly SelfTest[] = [
  { name: 'random', run: testRandom },
  { name: 'SHA-256', run: testSha256 },
  { name: 'SHA-512', run: testSha512 },
  { name: 'HMAC-SHA-256', run: testHmacSha256 },
  { name: 'HMAC-SHA-512', run: testHmacSha512 },
  { name: 'HKDF-SHA-512', run: testHkdf },
  { name: 'HKDF-SHA-256', run: testHkdf256 },
  { name: 'AES-256-GCM', run: testGcm },
  { name: 'sealing', run: testSealing },
  { name: 'Ed25519', run: testEd25519 },
  { name: 'ECDSA', run: testEcdsa },
  { name: 'Argon2id', run: testArgon2id },
  { name: 'recovery phrase', run: testPhrase },
];

/**
 * Runs the tests one after the other inside whatever runtime is running. Throws `SelfTestFailed`, naming those
 * that failed, with all results in its details: nothing may be encrypted or decrypted then.
 */
export async function runSelfTests(tests: readonly SelfTest[] = SELF_TESTS): Promise<SelfTestResult[]> {
  const results: SelfTestResult[] = [];
  for (const test of tests) {
    const start = performance.now();
    const ok = await passes(test);
    results.push({ name: test.name, ok, milliseconds: performance.now() - start });
  }
  const failed = results.filter((result) => !result.ok).map((result) => result.name);
  if (failed.length > 0) {
    throw fail('self-test-failed', { failed }, { failed, results });
  }
  return results;
}

async function passes(test: SelfTest): Promise<boolean> {
  try {
    return await test.run();
  } catch {
    return false;
  }
}

// Not a measure of quality: it only sees a generator that is stuck.
function testRandom(): boolean {
  const [a, b] = [randomBytes(32), randomBytes(32)];
  return a.length === 32 && !equalBytes(a, b) && a.some((byte) => byte !== a[0]);
}

// FIPS 180-4, the one-block example "abc".
function testSha256(): boolean {
  const published = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  return agree(published, sha256(ascii('abc')), sha256(ascii('a'), ascii('bc')), nobleSha256(ascii('abc')));
}

function testSha512(): boolean {
  const published =
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
    '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
  return agree(published, sha512(ascii('abc')), sha512(ascii('a'), ascii('bc')), nobleSha512(ascii('abc')));
}

// RFC 4231 section 4.3, test case 2.
const HMAC_KEY = ascii('Jefe');
const HMAC_DATA = ascii('what do ya want for nothing?');

function testHmacSha256(): boolean {
  const published = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  return agree(published, hmacSha256(HMAC_KEY, HMAC_DATA), nobleHmac(nobleSha256, HMAC_KEY, HMAC_DATA));
}

function testHmacSha512(): boolean {
  const published =
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
    '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737';
  return agree(published, hmacSha512(HMAC_KEY, HMAC_DATA), nobleHmac(nobleSha512, HMAC_KEY, HMAC_DATA));
}

// RFC 5869 has no vectors for SHA-512; this is test 6 of Wycheproof's hkdf_sha512_test.json.
function testHkdf(): boolean {
  const published =
    '725ac2b568fa0308ea6baeb2175ae9a0d41f8be1af13057f0646ba56389a8f1d' +
    '8a783da95fc7eee4897a0b1580f7987115e03508feedc335260a293f01afdb98';
  const ikm = hex('55fb6dcc7802354e55a45a6e41858c05');
  const info = hex('dcd590e418b259c64fb9e139b3a1280d5de8400b');
  const none = new Uint8Array(0);
  const longer = hkdf(ikm, info, 'keyward', 100);
  return (
    agree(published, hkdf(ikm, none, info, 64), nobleHkdf(nobleSha512, ikm, none, info, 64)) &&
    equalBytes(longer, nobleHkdf(nobleSha512, ikm, info, ascii('keyward'), 100))
  );
}

// RFC 5869 appendix A.3.
function testHkdf256(): boolean {
  const published = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8';
  const none = new Uint8Array(0);
  return agree(published, hkdfWith('sha256', Buffer.alloc(22, 0x0b), none, none, 42));
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16 (also in NIST's GCM submission).
function testGcm(): boolean {
  const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
  const iv = hex('cafebabefacedbaddecaf888');
  const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const plaintext = hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  );
  const published =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
    '76fc6ece0f4e1768cddf8853bb2d551b';
  const sealed = gcmEncrypt(key, iv, aad, plaintext);
  const opened = gcmDecrypt(key, iv, aad, sealed);
  const forged = Buffer.from(sealed);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  return (
    agree(published, sealed, gcm(key, iv, aad).encrypt(plaintext)) &&
    opened !== undefined &&
    equalBytes(opened, plaintext) &&
    gcmDecrypt(key, iv, aad, forged) === undefined
  );
}

function testSealing(): boolean {
  const key = Buffer.alloc(32, 1);
  const aad = ascii('bound');
  const sealed = seal(key, 'self-test', aad, ascii('secret'));
  const [salt, body] = [sealed.subarray(0, 32), sealed.subarray(32)];
  const derived = nobleHkdf(nobleSha512, key, salt, ascii('self-test'), 44);
  const byNoble = gcm(derived.subarray(0, 32), derived.subarray(32), aad).decrypt(body);
  const opened = unseal(key, 'self-test', aad, sealed);
  return (
    opened !== undefined &&
    equalBytes(opened, byNoble) &&
    equalBytes(opened, ascii('secret')) &&
    unseal(key, 'self-test', ascii('other'), sealed) === undefined
  );
}

// RFC 8032 section 7.1, test 3.
function testEd25519(): boolean {
  const seed = hex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
  const publicKey = hex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
  const message = hex('af82');
  const published =
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
    '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a';
  const signature = signBytes(seed, message);
  return (
    agree(published, signature) &&
    equalBytes(signingPublicKey(seed), publicKey) &&
    verifyBytes(publicKey, message, signature) &&
    !verifyBytes(publicKey, ascii('other'), signature) &&
    ed25519.verify(signature, message, publicKey)
  );
}

// RFC 6979 appendix A.2.6, SHA-384, message "sample"; then a key of this moment.
function testEcdsa(): boolean {
  const publicKey = hex(
    '02ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13',
  );
  const signature = hex(
    '3066023100' +
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46' +
      '023100' +
      '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  );
  const verifies = (key: Uint8Array, message: string, given: Uint8Array) => {
    const verifier = ecdsaVerifier('P-384', key);
    verifier?.update(ascii(message));
    return verifier?.verify(given) === true;
  };
  const signer = newEcdsaSigner('P-384');
  signer.update(ascii('sample'));
  return (
    verifies(publicKey, 'sample', signature) &&
    !verifies(publicKey, 'other', signature) &&
    verifies(signer.publicKey, 'sample', signer.sign())
  );
}

// 8 MiB, one pass, one lane: a small cost, to start fast. Answer computed with @noble/hashes; the unit tests
// compare it again, and hold the published vector of 64 MiB beside it.
async function testArgon2id(): Promise<boolean> {
  const cost = { memoryKiB: 8_192, passes: 1, lanes: 1 };
  const key = await passphraseKey(ascii('password'), ascii('somesalt'), cost);
  return agree('07200454a4c2369a893741c6bf6355f29bf357857cc5eb8e8795104fbe70a38e', key);
}

// BIP-39's reference vectors: 32 bytes of 80.
function testPhrase(): boolean {
  const entropy = Buffer.alloc(32, 0x80);
  const published =
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd ' +
    'amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless';
  const back = entropyOf(published);
  return (
    phraseOf(entropy) === published &&
    back !== undefined &&
    equalBytes(back, entropy) &&
    entropyOf(published.replace('bless', 'avoid')) === undefined
  );
}
