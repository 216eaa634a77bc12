/**
 * Signatures and certificates are real: checked against libsignal, and by a client whose check is made to work.
 */
import * as curve from 'libsignal/src/curve.js';
import { proto } from '@whiskeysockets/baileys';
import {
  agree,
  generateIdentity,
  generateKeyPair,
  sign,
  verify,
  withKeyType,
} from '../../gateway/src/simulator/signal/curve.js';
import { createServerKeys } from '../../gateway/src/simulator/wire/certificate.js';
import { createSignalDevice, type SignalDevice } from '../../gateway/src/simulator/signal/signalDevice.js';

const message = Buffer.from('signed');

test('a signature by libsignal is accepted and every forgery is refused', () => {
  for (let round = 0; round < 4; round++) {
    const pair = generateKeyPair();
    const signature = Buffer.from(curve.calculateSignature(pair.private, message));
    expect(verify(pair.public, message, signature)).toBe(true);
    expect(verify(generateKeyPair().public, message, signature)).toBe(false);
    expect(verify(pair.public, Buffer.from('another'), signature)).toBe(false);
    signature.writeUInt8(signature.readUInt8(10) ^ 1, 10);
    expect(verify(pair.public, message, signature)).toBe(false);
  }
  expect(verify(generateKeyPair().public, message, Buffer.alloc(64))).toBe(false);
  expect(verify(generateKeyPair().public, message, Buffer.alloc(63))).toBe(false);
});

test('the certificate chain is signed by the root, names serial 0 and certifies the static key', () => {
  const keys = createServerKeys();
  const { intermediate, leaf } = proto.CertChain.decode(keys.certificateChain);
  const { Details } = proto.CertChain.NoiseCertificate;
  const intermediateDetails = Buffer.from(intermediate?.details ?? []);
  const leafDetails = Buffer.from(leaf?.details ?? []);
  const authority = Details.decode(intermediateDetails);
  const root = withKeyType(Buffer.from(keys.rootKeyHex, 'hex'));
  expect(curve.verifySignature(root, intermediateDetails, Buffer.from(intermediate?.signature ?? []))).toBe(
    true,
  );
  const signer = withKeyType(Buffer.from(authority.key ?? []));
  expect(curve.verifySignature(signer, leafDetails, Buffer.from(leaf?.signature ?? []))).toBe(true);
  expect(authority.issuerSerial).toBe(0);
  expect(Buffer.from(Details.decode(leafDetails).key ?? [])).toEqual(keys.static.public);
});

test('our own signatures satisfy libsignal', () => {
  // Both signs of the Edwards point come up: one round alone could see only one of them.
  for (let round = 0; round < 8; round++) {
    const pair = generateIdentity();
    const signature = sign(pair, message);
    expect(curve.verifySignature(withKeyType(pair.public), message, signature)).toBe(true);
    expect(curve.verifySignature(withKeyType(pair.public), Buffer.from('another'), signature)).toBe(false);
    expect(verify(pair.public, message, signature)).toBe(true);
  }
});

test('a long conversation keeps the keys of few turns, and a message that fails spoils nothing', async () => {
  const [ada, bob] = [createSignalDevice('ada'), createSignalDevice('bob')];
  await ada.startSession('bob', bob.issueBundle());
  const say = async (text: string): Promise<void> => {
    const there = await ada.encrypt('bob', Buffer.from(text));
    expect(String(await bob.decrypt('ada', there))).toBe(text);
    const back = await bob.encrypt('ada', Buffer.from(`re: ${text}`));
    expect(String(await ada.decrypt('bob', back))).toBe(`re: ${text}`);
  };
  for (let turn = 0; turn < 20; turn += 1) await say(`turn ${turn}`);
  const chainsOf = (device: SignalDevice): number =>
    device
      .save()
      .sessions.map(([, session]) => JSON.stringify(session).match(/"chainType"/g)?.length ?? 0)
      .reduce((sum, chains) => sum + chains, 0);
  expect(Math.max(chainsOf(ada), chainsOf(bob))).toBeLessThanOrEqual(6);

  // Late, and behind one that was spoilt: both are of the same turn.
  const [late, good] = [
    await ada.encrypt('bob', Buffer.from('late')),
    await ada.encrypt('bob', Buffer.from('good')),
  ];
  const spoilt = Buffer.from(good.body);
  spoilt.writeUInt8(spoilt.readUInt8(spoilt.length - 1) ^ 0xff, spoilt.length - 1);
  const before = bob.save();
  await expect(bob.decrypt('ada', { ...good, body: spoilt })).rejects.toThrow();
  expect(bob.save()).toEqual(before);
  expect(String(await bob.decrypt('ada', good))).toBe('good');
  expect(String(await bob.decrypt('ada', late))).toBe('late');
  await expect(bob.decrypt('ada', late)).rejects.toThrow();
  await say('and on');
  // What was saved is what goes on.
  const again = createSignalDevice('bob', bob.save());
  const next = await ada.encrypt('bob', Buffer.from('after a restart'));
  expect(String(await again.decrypt('ada', next))).toBe('after a restart');
});

test('agreements are those of libsignal, with new keys, saved keys and identities', () => {
  const theirs = curve.generateKeyPair();
  const ours = generateKeyPair();
  for (const pair of [ours, { ...ours, private: Buffer.from(ours.private) }, generateIdentity()]) {
    const expected = Buffer.from(curve.calculateAgreement(withKeyType(pair.public), theirs.privKey));
    expect(agree(pair.private, theirs.pubKey)).toEqual(expected);
    expect(agree(pair.private, theirs.pubKey.subarray(1))).toEqual(expected);
  }
});
