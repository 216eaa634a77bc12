/**
 * The small queries of a client's start and settings: server properties, privacy, block list, about, media hosts.
 */
import { childOf, childText, childrenOf, node } from '../wire/nodes.js';
import type { QueryHandler } from './query.js';

const PRIVACY = {
  readreceipts: 'all',
  profile: 'all',
  status: 'all',
  online: 'all',
  last: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};

const MEDIA_TTL_S = 300;
const MAX_MEDIA_BYTES = 128 * 1024 * 1024;

export const answerProps: QueryHandler = () => [
  node('props', { protocol: 1, hash: 'simulated', refresh: 86_400 }, []),
];

/** Who is blocked; `set` blocks or unblocks one. */
export const answerBlocklist: QueryHandler = ({ account }, iq) => {
  const { jid, action } = childOf(iq, 'item')?.attrs ?? {};
  if (jid && action === 'block') account.blocked.add(jid);
  if (jid && action === 'unblock') account.blocked.delete(jid);
  const items = [...account.blocked].map((blocked) => node('item', { jid: blocked }));
  return [node('list', {}, items)];
};

/** Settings by `get`; `set` changes them, or issues trusted-contact tokens, which get a bare result. */
export const answerPrivacy: QueryHandler = ({ account }, iq) => {
  if (iq.attrs.type !== 'get') {
    for (const { attrs } of childrenOf(childOf(iq, 'privacy'), 'category')) {
      if (attrs.name && attrs.value) account.privacy.set(attrs.name, attrs.value);
    }
    return [];
  }
  const settings = Object.entries({ ...PRIVACY, ...Object.fromEntries(account.privacy) });
  return [
    node(
      'privacy',
      {},
      settings.map(([name, value]) => node('category', { name, value })),
    ),
  ];
};

/** The line that people write about themselves. */
export const answerAbout: QueryHandler = ({ account }, iq) => {
  const text = childText(iq, 'status');
  if (iq.attrs.type !== 'set' || text === undefined) return undefined;
  account.about = { text, at: Math.floor(Date.now() / 1000) };
  return [];
};

/** For how long messages stay in chats that begin from now on. */
export const answerDisappearing: QueryHandler = ({ account }, iq) => {
  const asked = childOf(iq, 'disappearing_mode');
  if (iq.attrs.type !== 'set' || !asked) return undefined;
  account.disappearing = { seconds: Number(asked.attrs.duration ?? 0), at: Math.floor(Date.now() / 1000) };
  return [];
};

/** The one media host, which is given first and alone. */
export const answerMediaConnection: QueryHandler = ({ world, account }) => {
  const auth = world.media.authFor(account.number);
  const host = node('host', { hostname: world.media.hostname, maxContentLengthBytes: MAX_MEDIA_BYTES });
  return [node('media_conn', { auth, ttl: MEDIA_TTL_S, auth_ttl: MEDIA_TTL_S, max_buckets: 12 }, [host])];
};

/** The list of bots is empty. */
export const answerBots: QueryHandler = () => [node('bot', { v: 2 }, [])];
