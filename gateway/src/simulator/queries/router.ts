/**
 * Answers every `<iq>` of a logged-in client, by namespace. A query that nobody knows is refused and recorded.
 */
import { parseAddress } from '../directory/address.js';
import { finishLogin } from '../login/afterLogin.js';
import { unlinkDevice } from '../login/login.js';
import type { Session, StanzaHandler } from '../login/session.js';
import { type BinaryNode, childOf, node, SERVER_JID } from '../wire/nodes.js';
import { answerAppState } from './appState.js';
import { answerBusiness, answerCatalogue, answerOrders } from './business.js';
import { answerEncrypt } from './encrypt.js';
import { answerGroups } from '../groups/queries.js';
import { answerMex } from './mex.js';
import { answerPicture } from './pictures.js';
import { acceptAnything, type QueryAnswer, type QueryFollowUp, type QueryHandler } from './query.js';
import {
  answerAbout,
  answerBlocklist,
  answerBots,
  answerDisappearing,
  answerMediaConnection,
  answerPrivacy,
  answerProps,
} from './settings.js';
import { answerUsync } from './usync.js';

const HANDLERS: Record<string, QueryHandler> = {
  encrypt: answerEncrypt,
  usync: answerUsync,
  'w:sync:app:state': answerAppState,
  'w:mex': answerMex,
  abt: answerProps,
  blocklist: answerBlocklist,
  privacy: answerPrivacy,
  'w:profile:picture': answerPicture,
  'w:biz': answerBusiness,
  'w:biz:catalog': answerCatalogue,
  'fb:thrift_iq': answerOrders,
  'w:m': answerMediaConnection,
  'w:g2': answerGroups,
  bot: answerBots,
  'w:p': acceptAnything,
  passive: acceptAnything,
  md: acceptAnything,
  status: answerAbout,
  disappearing_mode: answerDisappearing,
  'w:stats': acceptAnything,
  'urn:xmpp:whatsapp:dirty': acceptAnything,
};

/** What has to happen once the answer is on its way. */
const FOLLOW_UPS: Record<string, QueryFollowUp> = {
  passive: async (session, iq) => {
    if (childOf(iq, 'active')) await finishLogin(session);
  },
  md: ({ world, account }, iq) => {
    const removed = parseAddress(childOf(iq, 'remove-companion-device')?.attrs.jid);
    if (removed) unlinkDevice(world, account, removed.device);
  },
};

function answerNode(iq: BinaryNode, answer: QueryAnswer): BinaryNode {
  const attrs = { id: iq.attrs.id, from: iq.attrs.to ?? SERVER_JID };
  if (Array.isArray(answer))
    return node('iq', { ...attrs, type: 'result' }, answer.length > 0 ? answer : undefined);
  const refusal = answer ?? { code: 501, text: 'feature-not-implemented' };
  return node('iq', { ...attrs, type: 'error' }, [node('error', { ...refusal })]);
}

/** Faults that hit a query before it is answered; true when it must not be answered at all. */
async function suffer(session: Session, xmlns: string): Promise<QueryAnswer | 'drop'> {
  const { faults } = session.world;
  const scene = { session: session.account.number, xmlns };
  if (faults.take('drop_query', scene)) return 'drop';
  const late = faults.take('delay_query', scene);
  if (late) await new Promise((resolve) => setTimeout(resolve, late.delayMs ?? 1000).unref());
  const refused = faults.take('refuse_query', scene);
  return refused && { code: refused.code ?? 500, text: 'internal-server-error' };
}

/** Handles `<iq>`; answers of the client to queries of ours need no action here. */
export const handleQuery: StanzaHandler = async (session, iq) => {
  const { world, account, connection } = session;
  const { xmlns = '', type } = iq.attrs;
  if (type === 'result' || type === 'error') return;
  world.metrics.countQuery(xmlns);
  const suffered = await suffer(session, xmlns);
  if (suffered === 'drop') return;
  const answer = suffered ?? (await HANDLERS[xmlns]?.(session, iq));
  if (answer === undefined) {
    const child = Array.isArray(iq.content) ? iq.content[0]?.tag : undefined;
    world.records.flag(
      'unanswered_query',
      `${xmlns} ${type ?? 'without type'} <${child ?? ''}>`,
      account.number,
    );
  }
  connection.send(answerNode(iq, answer));
  await FOLLOW_UPS[xmlns]?.(session, iq);
};
