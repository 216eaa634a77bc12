/**
 * What the server does when a client has said `<active/>`: the offline queue, its end mark, and for a newly linked
 * device the first sync, which its own phone sends: a sync key and the history.
 */
import { deflateSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { phoneOf } from '../directory/directory.js';
import { sendEncrypted } from '../messages/toLinkedDevice.js';
import { newMessageId } from '../messages/content.js';
import { jidOf } from '../directory/address.js';
import { node, SERVER_JID, stanzaTime } from '../wire/nodes.js';
import { historyOf } from './history.js';
import type { Session } from './session.js';

const { Type } = proto.Message.ProtocolMessage;
const HistoryNotification = proto.Message.HistorySyncType;

function keyShare(): proto.IMessage {
  const keyId = { keyId: randomBytes(6) };
  const keyData = {
    keyData: randomBytes(32),
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
    timestamp: Math.floor(Date.now() / 1000),
  };
  return {
    protocolMessage: {
      type: Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [{ keyId, keyData }] },
    },
  };
}

/** The history inline, so that no media download is needed. */
const historyMessage = (sync: Buffer): proto.IMessage => ({
  protocolMessage: {
    type: Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: {
      syncType: HistoryNotification.INITIAL_BOOTSTRAP,
      chunkOrder: 0,
      progress: 100,
      initialHistBootstrapInlinePayload: deflateSync(sync),
    },
  },
});

/** Sends the first sync as peer messages from the account's own phone. */
async function bootstrap({ world, account, device }: Session): Promise<void> {
  const ownJid = jidOf(account, 'pn');
  for (const message of [keyShare(), historyMessage(historyOf(world, account))]) {
    const envelope = node('message', {
      from: ownJid,
      id: newMessageId(),
      type: 'text',
      category: 'peer',
      notify: account.name,
      t: stanzaTime(),
    });
    const plaintext = Buffer.from(proto.Message.encode(message).finish());
    await sendEncrypted(
      { world, from: { account, device: phoneOf(account) }, to: { account, device } },
      { envelope, plaintext, text: null, afterOffline: true },
    );
  }
}

/** Delivers what is owed and opens the live stream. */
export async function finishLogin(session: Session): Promise<void> {
  const { device, connection } = session;
  const count = device.queue.flush();
  device.ready = true;
  connection.send(node('ib', { from: SERVER_JID }, [node('offline', { count })]));
  device.queue.flushRest();
  session.world.changes.notify();
  if (device.bootstrapped) return;
  // Again at every login until it is done: a client that goes away in the middle would wait 20 s for the rest.
  // Only the phone has the keys and the history; without network it cannot send them.
  await session.account.online.whenOnline();
  await bootstrap(session);
}
