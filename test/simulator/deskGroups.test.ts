/**
 * What the phone page shows of groups: votes, mentions, who is typing, ticks.
 */
import type { OpenChat, Screen, ShownMessage } from '../../gateway/src/simulator/phone/screen.js';
import { messageIn, untilShown } from './support/desk.js';
import { openStage, type Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const shows = <T>(open: string, find: (screen: Screen) => T | undefined): Promise<T> =>
  untilShown(stage, open, find);
const chatIn = (open: string): Promise<OpenChat> => shows(open, (screen) => screen.open ?? undefined);

test('in a group everybody votes, whoever made the poll too, and takes a vote back', async () => {
  const { number, client } = await stage.session();
  const [bob, cy] = [await stage.contact({ name: 'Bob' }), await stage.contact({ name: 'Cy' })];
  const { id } = await stage.control.createGroup({ subject: 'Us', creator: bob, members: [number, cy] });
  const poll = await client.socket.sendMessage(id, {
    poll: { name: 'Where?', values: ['here', 'there'], selectableCount: 1 },
  });
  const ofClient = poll?.key.id ?? '';
  await stage.control.messages.waitFor({ chat: id, waId: ofClient }, { count: 3 });
  const ofBob = await stage.control.sendToGroup(id, {
    from: bob,
    content: { kind: 'poll', question: 'Who?', options: ['you', 'me'], selectable: 0 },
  });
  const vote = (from: string, waId: string, options: string[]): Promise<string> =>
    stage.control.sendToGroup(id, { from, content: { kind: 'vote', waId, options } });
  const votesIn = (open: string, waId: string, count: number): Promise<ShownMessage> =>
    shows(
      open,
      messageIn((message) => {
        const cast = message.votes.reduce((sum, { names }) => sum + names.length, 0);
        return message.waId === waId && cast === count;
      }),
    );
  for (const voter of [bob, cy, number]) await vote(voter, ofClient, ['there']);
  await vote(cy, ofBob, ['you', 'me']);
  await vote(bob, ofBob, ['me']);
  expect((await votesIn(`${number}/${id}`, ofClient, 3)).votes).toEqual([
    { option: 'here', names: [] },
    { option: 'there', names: ['Bob', 'Cy', 'You'] },
  ]);
  expect((await votesIn(`${bob}/${id}`, ofBob, 3)).votes).toEqual([
    { option: 'you', names: ['Cy'] },
    { option: 'me', names: ['Cy', 'You'] },
  ]);
  await vote(cy, ofClient, []);
  await votesIn(`${bob}/${id}`, ofClient, 2);
  await expect(vote(cy, 'NONE', ['here'])).rejects.toThrow(/has not seen a poll/);
});

test('mentions are shown by name, the first link with its preview, and who is typing in a group', async () => {
  const { number, client } = await stage.session();
  const bob = await stage.contact({ name: 'Bob' });
  const { id } = await stage.control.createGroup({ subject: 'Us', creator: bob, members: [number] });
  await stage.control.sendToGroup(id, {
    from: bob,
    content: { kind: 'text', text: `hello @${number}`, mentions: [number] },
  });
  await stage.control.showPresence(bob, { to: id, type: 'composing' });
  const typing = await shows(`${number}/${id}`, ({ open }) => open?.typing ?? undefined);
  expect(typing).toMatchObject({ name: 'Bob', kind: 'composing' });
  expect((await chatIn(`${bob}/${id}`)).typing).toBeNull();
  await client.socket.sendMessage(id, {
    text: 'see https://example.org/x',
    linkPreview: {
      'matched-text': 'https://example.org/x',
      'canonical-url': '',
      title: 'X',
      description: 'All of it',
    },
  });
  const shown = await shows(
    `${bob}/${id}`,
    messageIn(({ content }) => content.preview !== null),
  );
  expect(shown.content.preview).toEqual({
    title: 'X',
    description: 'All of it',
    url: 'https://example.org/x',
  });
  expect((await chatIn(`${number}/${id}`)).messages[0]?.content.text).toBe('hello @Ada');
});

test('a group has the slowest tick of its members, and each member’s own', async () => {
  const { number } = await stage.session();
  const [bob, cy] = [await stage.contact({ name: 'Bob' }), await stage.contact({ name: 'Cy' })];
  const { id } = await stage.control.createGroup({ subject: 'Us', creator: bob, members: [number, cy] });
  await stage.control.sendToGroup(id, { from: bob, text: 'hello all' });
  await shows(
    `${bob}/${id}`,
    messageIn(({ tick }) => tick === 'delivered'),
  );
  expect(await stage.control.read(cy, id)).toBe(1);
  const { messages, members, title } = await chatIn(`${bob}/${id}`);
  expect([title, members.length]).toEqual(['Us', 3]);
  expect(messages[0]).toMatchObject({
    tick: 'delivered',
    ticks: [
      { name: 'Ada', tick: 'delivered' },
      { name: 'Cy', tick: 'read' },
    ],
  });
});
