/**
 * The fast curve functions are those of libsignal in everything but their speed.
 */
import { createRequire } from 'node:module';
import * as original from 'libsignal/src/curve.js';
import { fastCurve, installFastCurve } from '../../../gateway/src/whatsapp/fastCurve.js';

test('every mixture of old and new functions comes to the same secret', () => {
  for (let round = 0; round < 8; round++) {
    const ours = fastCurve.generateKeyPair();
    const theirs = original.generateKeyPair();
    const expected = Buffer.from(original.calculateAgreement(theirs.pubKey, ours.privKey));
    expect(original.calculateAgreement(ours.pubKey, theirs.privKey)).toEqual(expected);
    expect(fastCurve.calculateAgreement(theirs.pubKey, ours.privKey)).toEqual(expected);
    expect(fastCurve.calculateAgreement(ours.pubKey, theirs.privKey)).toEqual(expected);
  }
});

test('a new key pair has the form that libsignal stores', () => {
  const { pubKey, privKey } = fastCurve.generateKeyPair();
  expect([pubKey.length, pubKey[0], privKey.length]).toEqual([33, 5, 32]);
  expect(Buffer.isBuffer(pubKey) && Buffer.isBuffer(privKey)).toBe(true);
});

test('keys of wrong length or type are refused, and so is a point of low order', () => {
  const { pubKey, privKey } = fastCurve.generateKeyPair();
  const lowOrder = Buffer.concat([Buffer.from([5]), Buffer.alloc(32)]);
  expect(() => fastCurve.calculateAgreement(pubKey.subarray(1), privKey)).toThrow('Invalid public key');
  expect(() => fastCurve.calculateAgreement(Buffer.alloc(33), privKey)).toThrow('Invalid public key');
  expect(() => fastCurve.calculateAgreement(pubKey, privKey.subarray(1))).toThrow('Invalid private key');
  expect(() => original.calculateAgreement(lowOrder, privKey)).toThrow();
  expect(() => fastCurve.calculateAgreement(lowOrder, privKey)).toThrow();
});

test('it is installed where libsignal looks for it', () => {
  const shared = createRequire(import.meta.url)('libsignal/src/curve.js') as typeof original;
  const before = { ...shared };
  try {
    expect(installFastCurve()).toBe(true);
    expect(shared.calculateAgreement).toBe(fastCurve.calculateAgreement);
    expect(shared.generateKeyPair).toBe(fastCurve.generateKeyPair);
    expect(shared.calculateSignature).toBe(before.calculateSignature);
  } finally {
    Object.assign(shared, before);
  }
});
