/**
 * Polls that came in and their votes: the first poll stands, the newest vote of each voter counts.
 */
import { toBuffer } from '../../gateway/src/store/values.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const POLL = {
  messageId: 'P1',
  question: 'Lunch?',
  options: ['yes', 'no'],
  secret: Buffer.alloc(32, 4),
  creator: { phone: '4915112345678', lid: null },
};

describeOnEachEngine('polls', ({ open }) => {
  it('keeps a poll once, of each session its own', async () => {
    const { store } = await open();
    await store.polls.keep('s1', POLL, NOW);
    await store.polls.keep('s1', { ...POLL, question: 'another', secret: Buffer.alloc(32, 5) }, NOW + 1);
    await store.polls.keep('s2', { ...POLL, question: null, creator: { phone: null, lid: '7@lid' } }, NOW);
    expect(await store.polls.find('s1', 'P1')).toEqual(POLL);
    expect(await store.polls.find('s2', 'P1')).toMatchObject({
      question: null,
      creator: { phone: null, lid: '7@lid' },
    });
    expect(await store.polls.find('s1', 'P2')).toBeNull();
  });

  it('seals the secret that votes are encrypted with', async () => {
    const { store, database } = await open();
    await store.polls.keep('s1', POLL, NOW);
    const row = await database.db.selectFrom('polls').select('secret').executeTakeFirstOrThrow();
    expect(toBuffer(row.secret).includes(POLL.secret)).toBe(false);
  });

  it('counts the newest vote of each voter', async () => {
    const { store } = await open();
    const vote = (voter: string, ...choice: string[]) => store.polls.vote('s1', 'P1', { voter, choice });
    expect(await vote('a', 'yes')).toEqual([['yes']]);
    await vote('b', 'yes', 'no');
    const now = await vote('a', 'no');
    expect(now).toHaveLength(2);
    expect(now).toEqual(expect.arrayContaining([['no'], ['yes', 'no']]));
    expect(await vote('b')).toEqual(expect.arrayContaining([['no'], []]));
    expect(await store.polls.vote('s2', 'P1', { voter: 'a', choice: ['yes'] })).toEqual([['yes']]);
  });

  it('forgets polls and votes of a session that goes', async () => {
    const { store } = await open();
    for (const sessionId of ['s1', 's2']) {
      await store.polls.keep(sessionId, POLL, NOW);
      await store.polls.vote(sessionId, 'P1', { voter: 'a', choice: ['yes'] });
    }
    await store.polls.clear('s1');
    expect(await store.polls.find('s1', 'P1')).toBeNull();
    expect(await store.polls.vote('s1', 'P1', { voter: 'b', choice: ['no'] })).toEqual([['no']]);
    expect(await store.polls.find('s2', 'P1')).toEqual(POLL);
  });
});
