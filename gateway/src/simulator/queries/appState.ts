/**
 * `w:sync:app:state`: the account's settings as encrypted patches. The server cannot read them; it numbers them,
 * keeps them and hands them to the other devices.
 */
import { proto } from '@whiskeysockets/baileys';
import type { Account } from '../directory/directory.js';
import { type BinaryNode, childBytes, childOf, childrenOf, node } from '../wire/nodes.js';
import type { QueryHandler } from './query.js';

const CONFLICT = { code: 409, text: 'conflict' };

function numbered(patch: Buffer, version: number): Buffer {
  const decoded = proto.SyncdPatch.decode(patch);
  decoded.version = { version };
  return Buffer.from(proto.SyncdPatch.encode(decoded).finish());
}

function answerCollection(account: Account, asked: BinaryNode): BinaryNode {
  const name = asked.attrs.name ?? '';
  const patches = account.appState.get(name) ?? [];
  const version = Number(asked.attrs.version ?? 0);
  const incoming = childBytes(asked, 'patch');
  if (incoming) {
    if (version !== patches.length) {
      return node('collection', { name, version: patches.length, type: 'error' }, [node('error', CONFLICT)]);
    }
    patches.push(numbered(incoming, patches.length + 1));
    account.appState.set(name, patches);
    return node('collection', { name, version: patches.length, type: 'result' });
  }
  const missing = patches.slice(version).map((patch) => node('patch', {}, patch));
  const content = missing.length > 0 ? [node('patches', {}, missing)] : [];
  return node('collection', { name, version: patches.length, type: 'result' }, content);
}

export const answerAppState: QueryHandler = ({ account, device }, iq) => {
  const sync = childOf(iq, 'sync');
  if (!sync) return undefined;
  device.bootstrapped = true;
  const collections = childrenOf(sync, 'collection').map((asked) => answerCollection(account, asked));
  return [node('sync', {}, collections)];
};
