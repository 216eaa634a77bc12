/**
 * The public keys that start a Signal session, and their form in stanzas (prekey answers, uploads, retry receipts).
 */
import { bigEndian, type BinaryNode, childBytes, childOf, childrenOf, node } from '../wire/nodes.js';

export interface PublicPreKey {
  id: number;
  public: Buffer;
}

export interface SignedPreKey extends PublicPreKey {
  signature: Buffer;
}

export interface PreKeyBundle {
  registrationId: number;
  identity: Buffer;
  signedPreKey: SignedPreKey;
  /** Absent when the one-time prekeys are used up. */
  preKey?: PublicPreKey | undefined;
}

const KEY_TYPE = Buffer.from([5]);

/** The children of a `<user>` in a prekey answer, or of `<keys>` in a retry receipt (which has no registration). */
export function bundleNodes(bundle: PreKeyBundle): BinaryNode[] {
  const { signedPreKey, preKey } = bundle;
  const nodes = [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, bundle.identity),
    node('skey', {}, [
      node('id', {}, bigEndian(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.public),
      node('signature', {}, signedPreKey.signature),
    ]),
  ];
  if (preKey) {
    nodes.push(node('key', {}, [node('id', {}, bigEndian(preKey.id, 3)), node('value', {}, preKey.public)]));
  }
  return nodes;
}

const readNumber = (bytes: Buffer | undefined): number | undefined =>
  bytes && bytes.length > 0 && bytes.length <= 6 ? bytes.readUIntBE(0, bytes.length) : undefined;

/** A one-time prekey as clients write it, or undefined when malformed. */
function readPreKey(parent: BinaryNode | undefined): PublicPreKey | undefined {
  const id = readNumber(childBytes(parent, 'id'));
  const value = childBytes(parent, 'value');
  return id === undefined || value?.length !== 32 ? undefined : { id, public: value };
}

/** A signed prekey as clients write it, or undefined when malformed. The signature is not checked here. */
export function readSignedPreKey(parent: BinaryNode | undefined): SignedPreKey | undefined {
  const key = readPreKey(parent);
  const signature = childBytes(parent, 'signature');
  return key && signature?.length === 64 ? { ...key, signature } : undefined;
}

/** All one-time prekeys of an upload's `<list>`. */
export const readPreKeyList = (upload: BinaryNode): PublicPreKey[] =>
  childrenOf(childOf(upload, 'list'), 'key').flatMap((key) => readPreKey(key) ?? []);

/** The bundle that a retry receipt may carry: `<registration>` beside `<keys>`. */
export function readRetryBundle(receipt: BinaryNode): PreKeyBundle | undefined {
  const keys = childOf(receipt, 'keys');
  const registrationId = readNumber(childBytes(receipt, 'registration'));
  const identity = childBytes(keys, 'identity');
  const signedPreKey = readSignedPreKey(childOf(keys, 'skey'));
  if (registrationId === undefined || identity?.length !== 32 || !signedPreKey) return undefined;
  return { registrationId, identity, signedPreKey, preKey: readPreKey(childOf(keys, 'key')) };
}
