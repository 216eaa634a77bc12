/**
 * `usync`: which numbers exist, which devices and which LID they have. Only what is in the directory exists.
 */
import { addressingOf, jidOf } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import type { World } from '../world.js';
import { type BinaryNode, childOf, childrenOf, childText, node } from '../wire/nodes.js';
import type { QueryHandler } from './query.js';

interface AskedUser {
  jid: string;
  account: Account | undefined;
}

function findUser(world: World, user: BinaryNode): AskedUser {
  const { jid } = user.attrs;
  if (jid) return { jid, account: world.directory.byJid(jid) };
  // `<contact>+digits</contact>`: the answer has to name the JID.
  const number = (childText(user, 'contact') ?? '').replace(/\D/g, '');
  const account = world.directory.meantBy(number);
  return { jid: jidOf(account ?? { number, lid: '' }, 'pn'), account };
}

function deviceList(account: Account | undefined): BinaryNode {
  const devices = [...(account?.devices.keys() ?? [])]
    .sort((a, b) => a - b)
    // Clients ignore companions without a key index.
    .map((id) => node('device', { id, 'key-index': id === 0 ? undefined : id }));
  return node('devices', {}, [node('device-list', {}, devices)]);
}

/** The answer of one protocol for one user; undefined when there is nothing to say. */
function answerProtocol(protocol: string, { jid, account }: AskedUser): BinaryNode | undefined {
  switch (protocol) {
    case 'contact':
      return node('contact', { type: account ? 'in' : 'out' });
    case 'devices':
      return deviceList(account);
    case 'lid':
      return account && addressingOf(jid) === 'pn' ? node('lid', { val: jidOf(account, 'lid') }) : undefined;
    case 'status':
      return node('status', { t: account?.about?.at ?? 0 }, Buffer.from(account?.about?.text ?? 'Simulated'));
    case 'disappearing_mode': {
      const { seconds, at } = account?.disappearing ?? { seconds: 0, at: 0 };
      return node('disappearing_mode', { duration: seconds, t: at });
    }
    default:
      return undefined;
  }
}

export const answerUsync: QueryHandler = ({ world }, iq) => {
  const usync = childOf(iq, 'usync');
  const query = childOf(usync, 'query');
  if (!usync || !Array.isArray(query?.content)) return undefined;
  const protocols = query.content.map(({ tag }) => tag);
  const users = childrenOf(childOf(usync, 'list'), 'user').map((user) => {
    const asked = findUser(world, user);
    return node(
      'user',
      { jid: asked.jid },
      protocols.flatMap((protocol) => answerProtocol(protocol, asked) ?? []),
    );
  });
  const result = protocols.map((protocol) => node(protocol));
  return [node('usync', usync.attrs, [node('result', {}, result), node('list', {}, users)])];
};
