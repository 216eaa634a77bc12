/**
 * The queue of a session: what comes first, what is held or scheduled, and what is found without looking at the rest.
 */
import { sql } from 'kysely';
import type { Message } from '../../gateway/src/domain/message.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW, messageOf } from './builders.js';

const LIVE = { sessionId: 's1', test: false };
const TEST = { sessionId: 's1', test: true };
const WAITING = ['queued', 'sending'] as const;
const ANN = '491@s.whatsapp.net';
const BOB = '492@s.whatsapp.net';
const idsOf = (messages: Message[]): string[] => messages.map(({ id }) => id);

describeOnEachEngine('the line', ({ open, engine }) => {
  it('has the oldest of the highest priority first', async () => {
    const { store } = await open();
    const [a, b, c] = [
      messageOf(),
      messageOf({ chatJid: ANN, priority: 5 }),
      messageOf({ queuedAt: NOW - 1 }),
    ];
    await store.messages.insert(messageOf({ sessionId: 's2' }));
    for (const message of [a, b, c]) await store.messages.insert(message);
    const first = async () => (await store.messages.candidate(LIVE))?.message.id;
    expect(await first()).toBe(b.id);
    await store.messages.update(b.id, WAITING, { status: 'sending' });
    expect(await first()).toBe(b.id);
    await store.messages.update(b.id, WAITING, { status: 'sent' });
    expect(await first()).toBe(a.id);
    await store.messages.update(a.id, WAITING, { status: 'failed' });
    expect(await first()).toBe(c.id);
    await store.messages.update(c.id, WAITING, { status: 'canceled' });
    expect(await first()).toBeUndefined();
    expect(await store.messages.hasCandidate(LIVE)).toBe(false);
  });

  it('names the oldest of the chat, though another has a higher priority', async () => {
    const { store } = await open();
    const [old, urgent] = [messageOf(), messageOf({ priority: 9 })];
    for (const message of [old, urgent]) await store.messages.insert(message);
    const candidate = await store.messages.candidate(LIVE);
    expect([candidate?.message.id, candidate?.headId]).toEqual([urgent.id, old.id]);
  });

  it('looks at replies, others and new recipients apart', async () => {
    const { store } = await open();
    const [fresh, open_, reply] = [
      messageOf({ chatJid: ANN, standing: 'new' }),
      messageOf(),
      messageOf({ chatJid: BOB, standing: 'reply' }),
    ];
    for (const message of [fresh, open_, reply]) await store.messages.insert(message);
    const first = async (standing?: 'reply' | 'open' | 'new') =>
      (await store.messages.candidate(LIVE, standing))?.message.id;
    expect([await first('reply'), await first('open'), await first('new')]).toEqual([
      reply.id,
      open_.id,
      fresh.id,
    ]);
    expect(await first()).toBe(reply.id);
    await store.messages.setStanding(LIVE, [ANN], 'reply');
    expect(await first('reply')).toBe(fresh.id);
    expect(await first('new')).toBeUndefined();
  });

  it('keeps the line of test messages apart', async () => {
    const { store } = await open();
    const [live, test] = [messageOf(), messageOf({ test: true })];
    await store.messages.insert(live);
    await store.messages.insert(test);
    expect((await store.messages.candidate(TEST))?.message.id).toBe(test.id);
    expect(await store.messages.candidate(LIVE)).toMatchObject({ headId: live.id });
    await store.messages.update(live.id, WAITING, { status: 'sent' });
    expect(await store.messages.candidate(LIVE)).toBeNull();
  });

  it('a held message holds its chat and nobody else', async () => {
    const { store } = await open();
    const held = await store.messages.insert(messageOf({ chatJid: ANN }));
    const [follower, other] = [messageOf({ chatJid: ANN }), messageOf({ chatJid: BOB })];
    for (const message of [follower, other]) await store.messages.insert(message);
    await store.messages.update(held.id, ['queued'], { heldUntil: NOW + 60_000 });
    expect(await store.messages.isHeld(held.id)).toBe(true);
    expect(await store.messages.candidate(LIVE)).toMatchObject({
      message: { id: follower.id },
      headId: held.id,
    });
    expect(await store.messages.holdFollowers(held, 10)).toBe(1);
    expect(await store.messages.hasFollowers('s1')).toBe(true);
    expect((await store.messages.candidate(LIVE))?.message.id).toBe(other.id);
    expect((await store.messages.firstHeld('s1'))?.id).toBe(held.id);
    expect(await store.messages.nextTimes('s1')).toEqual({ held: NOW + 60_000, due: null, expires: null });
    expect(await store.messages.releaseHeld('s1', { now: NOW + 59_999 }, 10)).toBe(0);
    expect(await store.messages.releaseHeld('s1', { now: NOW + 60_000 }, 10)).toBe(1);
    await store.messages.update(held.id, WAITING, { status: 'sent' });
    await store.messages.releaseFollower(held);
    expect(await store.messages.candidate(LIVE)).toMatchObject({ headId: follower.id });
    expect(await store.messages.hasFollowers('s1')).toBe(false);
  });

  it('a change of policy lets all go that it held, but no retry', async () => {
    const { store } = await open();
    const [retry, cooling] = [messageOf({ chatJid: ANN }), messageOf({ chatJid: BOB })];
    for (const message of [retry, cooling]) await store.messages.insert(message);
    await store.messages.update(retry.id, WAITING, { retryAt: NOW + 1, heldUntil: NOW + 1 });
    await store.messages.update(cooling.id, WAITING, { heldUntil: NOW + 1 });
    expect(await store.messages.releaseHeld('s1', 'all', 10)).toBe(1);
    expect((await store.messages.candidate(LIVE))?.message.id).toBe(cooling.id);
  });

  it('finds what is due and what has run out of time', async () => {
    const { store } = await open();
    const scheduled = messageOf({ status: 'scheduled', sendAt: NOW + 1_000 });
    await store.messages.insert(messageOf({ status: 'scheduled', sendAt: NOW + 2_000 }));
    await store.messages.insert(scheduled);
    const expiring = await store.messages.insert(messageOf({ expiresAt: NOW + 500 }));
    expect(await store.messages.nextTimes('s1')).toEqual({
      held: null,
      due: NOW + 1_000,
      expires: NOW + 500,
    });
    expect(await store.messages.nextTimes('s2')).toEqual({ held: null, due: null, expires: null });
    expect(await store.messages.due('s1', NOW + 999, 10)).toEqual([]);
    expect(idsOf(await store.messages.due('s1', NOW + 1_000, 10))).toEqual([scheduled.id]);
    expect(idsOf(await store.messages.expired('s1', NOW + 500, 10))).toEqual([expiring.id]);
    expect(await store.messages.expired('s1', NOW + 499, 10)).toEqual([]);
  });

  it('says that a recipient has opted out, by number, chat or LID', async () => {
    const { store } = await open();
    const optOut = {
      phone: '491',
      chatJid: ANN,
      lid: '77@lid',
      source: 'api' as const,
      keyword: null,
      sessionId: null,
      createdAt: NOW,
      answerMessageId: null,
    };
    const optedOut = async () => (await store.messages.candidate(LIVE))?.optedOut;
    for (const part of [{ chatJid: ANN }, { to: '491' }, { chatJid: '77@lid' }]) {
      const { id } = await store.messages.insert(messageOf(part));
      expect(await optedOut()).toBe(false);
      await store.optOuts.insert({ ...optOut });
      expect(await optedOut()).toBe(true);
      await store.optOuts.setAnswer('491', id);
      expect(await optedOut()).toBe(false);
      await store.optOuts.remove('491');
      await store.messages.update(id, WAITING, { status: 'sent' });
    }
  });

  it('counts no further than asked', async () => {
    const { store } = await open();
    for (let index = 0; index < 5; index += 1) await store.messages.insert(messageOf({ chatJid: ANN }));
    expect(await store.messages.countQueued(LIVE, { limit: 3 })).toBe(3);
    expect(await store.messages.countQueued(LIVE, { limit: 9, chatJid: BOB })).toBe(0);
    expect(await store.messages.countQueued(LIVE, { limit: 9, standing: 'new' })).toBe(0);
  });

  if (engine === 'sqlite') {
    it('answers from its indexes, never by going through the table', async () => {
      const { database, store } = await open();
      await store.messages.insert(messageOf());
      const { db } = database;
      const plans = async (query: string): Promise<string> =>
        (await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db)).rows
          .map(({ detail }) => detail)
          .join('\n');
      const inLine = `session_id = 's1' and status in ('queued', 'sending') and test = 0`;
      const queries: [string, string][] = [
        [
          `select id from messages where ${inLine} and held_until is null and standing = 1
             order by standing, priority desc, position limit 1`,
          'messages_ready',
        ],
        [
          `select id from messages where ${inLine} and chat_jid = 'x' order by position limit 1`,
          'messages_of_chat',
        ],
        [
          `select min(due_at) from messages where session_id = 's1' and status = 'scheduled'`,
          'messages_scheduled',
        ],
        [
          `select min(held_until) from messages where session_id = 's1' and held_until is not null`,
          'messages_held',
        ],
      ];
      for (const [query, index] of queries) {
        const plan = await plans(query);
        expect(plan).toContain(index);
        expect(plan).not.toMatch(/SCAN messages(?! USING)|TEMP B-TREE/);
      }
    });
  }
});
