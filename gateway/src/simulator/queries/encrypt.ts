/**
 * `encrypt`: prekey counts, uploads, digests and bundles. Signatures of uploaded keys are really checked.
 */
import { createHash } from 'node:crypto';
import { parseAddress } from '../directory/address.js';
import { takeBundle } from '../directory/devices.js';
import type { Session } from '../login/session.js';
import { notifyLowPreKeys } from '../signal/preKeyStock.js';
import { bundleNodes, readPreKeyList, readSignedPreKey } from '../signal/preKeyBundle.js';
import { verify, withKeyType } from '../signal/curve.js';
import { bigEndian, type BinaryNode, childBytes, childOf, childrenOf, node } from '../wire/nodes.js';
import type { QueryAnswer, QueryHandler } from './query.js';

const NOT_ACCEPTABLE = { code: 406, text: 'not-acceptable' };
const NOT_FOUND = { code: 404, text: 'item-not-found' };

/** The prekey answer for one device; unknown devices get an error, which fails the client's whole call. */
function bundleFor(session: Session, jid: string): BinaryNode {
  const { world } = session;
  const account = world.directory.byJid(jid);
  const device = account?.devices.get(parseAddress(jid)?.device ?? 0);
  if (!account || !device) return node('user', { jid }, [node('error', NOT_FOUND)]);
  if (device.kind === 'simulated') return node('user', { jid }, bundleNodes(device.signal.issueBundle()));
  const answer = node('user', { jid }, bundleNodes(takeBundle(device)));
  notifyLowPreKeys(device);
  return answer;
}

function answerBundles(session: Session, request: BinaryNode): QueryAnswer {
  const users = childrenOf(request, 'user').map(({ attrs }) => bundleFor(session, attrs.jid ?? ''));
  return [node('list', {}, users)];
}

function storeUpload({ world, account, device }: Session, upload: BinaryNode): QueryAnswer {
  const { registration } = device;
  const signedPreKey = readSignedPreKey(childOf(upload, 'skey'));
  const identity = childBytes(upload, 'identity');
  if (!signedPreKey || !identity?.equals(registration.identity)) return NOT_ACCEPTABLE;
  if (!verify(identity, withKeyType(signedPreKey.public), signedPreKey.signature)) {
    world.records.flag(
      'bad_signature',
      'the signed prekey of an upload is not signed by its identity',
      account.number,
    );
    return NOT_ACCEPTABLE;
  }
  registration.signedPreKey = signedPreKey;
  const known = new Set(device.preKeys.map(({ id }) => id));
  device.preKeys.push(...readPreKeyList(upload).filter(({ id }) => !known.has(id)));
  device.lowPreKeysNotified = false;
  world.changes.notify();
  return [];
}

function rotateSignedPreKey({ world, account, device }: Session, rotation: BinaryNode): QueryAnswer {
  const signedPreKey = readSignedPreKey(childOf(rotation, 'skey'));
  if (
    !signedPreKey ||
    !verify(device.registration.identity, withKeyType(signedPreKey.public), signedPreKey.signature)
  ) {
    world.records.flag(
      'bad_signature',
      'a rotated signed prekey is not signed by its identity',
      account.number,
    );
    return NOT_ACCEPTABLE;
  }
  device.registration.signedPreKey = signedPreKey;
  return [];
}

/** What the server holds, so that the client can compare; the hash covers the ids of the one-time prekeys. */
function digest({ device }: Session): QueryAnswer {
  const { registration, preKeys } = device;
  const ids = preKeys.map(({ id }) => bigEndian(id, 3));
  return [
    node('digest', {}, [
      node('registration', {}, bigEndian(registration.registrationId, 4)),
      node('type', {}, Buffer.from([5])),
      node('identity', {}, registration.identity),
      node('skey', {}, [node('id', {}, bigEndian(registration.signedPreKey.id, 3))]),
      node(
        'list',
        {},
        ids.slice(0, 100).map((id) => node('id', {}, id)),
      ),
      node('hash', {}, createHash('sha1').update(Buffer.concat(ids)).digest()),
    ]),
  ];
}

export const answerEncrypt: QueryHandler = (session, iq) => {
  const request = childOf(iq, 'key');
  const rotation = childOf(iq, 'rotate');
  if (iq.attrs.type === 'set')
    return rotation ? rotateSignedPreKey(session, rotation) : storeUpload(session, iq);
  if (request) return answerBundles(session, request);
  if (childOf(iq, 'count')) return [node('count', { value: session.device.preKeys.length })];
  if (childOf(iq, 'digest')) return digest(session);
  return undefined;
};
