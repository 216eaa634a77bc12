/**
 * What each member of a group received, and which messages nobody has received.
 */
import { describeOnEachEngine } from '../support/databases.js';
import { addSessions, messageOf, NOW } from './builders.js';

const ADA = '4915550001001@s.whatsapp.net';
const BOB = '77@lid';

describeOnEachEngine('receipts of a group message', ({ open }) => {
  it('keeps the first time of each, whichever comes first', async () => {
    const { store } = await open();
    const record = (participant: string, status: 'delivered' | 'read' | 'played', at: number) =>
      store.messageReceipts.record({ messageId: 'msg_1', participant, status, at });
    await record(BOB, 'read', NOW + 5);
    await record(BOB, 'delivered', NOW + 6);
    await record(BOB, 'read', NOW + 7);
    await record(ADA, 'delivered', NOW + 1);
    await record(ADA, 'played', NOW + 9);
    expect(await store.messageReceipts.list('msg_1')).toEqual([
      { participant: ADA, deliveredAt: NOW + 1, readAt: NOW + 9, playedAt: NOW + 9 },
      { participant: BOB, deliveredAt: NOW + 5, readAt: NOW + 5, playedAt: null },
    ]);
    expect(await store.messageReceipts.list('msg_2')).toEqual([]);
  });
});

describeOnEachEngine('undelivered messages', ({ open }) => {
  it('are those that were acknowledged long ago and got no receipt', async () => {
    const { store } = await open();
    await addSessions(store, 's1');
    const add = async (sentAt: number, status: 'sent' | 'delivered') => {
      const { id } = await store.messages.insert(messageOf({ status: 'sending' }));
      await store.messages.update(id, ['sending'], { status: 'sent', sentAt });
      if (status === 'delivered') await store.messages.update(id, ['sent'], { status });
    };
    await add(NOW, 'sent');
    await add(NOW, 'delivered');
    await add(NOW + 600_000, 'sent');
    await store.messages.insert(messageOf());
    expect(await store.messages.countUndelivered(NOW)).toBe(0);
    expect(await store.messages.countUndelivered(NOW + 1)).toBe(1);
    expect(await store.messages.countUndelivered(NOW + 600_001)).toBe(2);
  });
});
