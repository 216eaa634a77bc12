/**
 * What the real server would swallow in silence is on record here.
 */
import { opened } from './support/client.js';
import { openStage, jid, type Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.control.clearFaults());
afterAll(() => stage.close());

test('a stanza without any device of its recipient is flagged, although it is acknowledged', async () => {
  const { number, client } = await stage.session({ defaultQueryTimeoutMs: 1500 });
  const contact = await stage.contact();
  await stage.control.addFault({ kind: 'drop_query', session: number, xmlns: 'usync' });
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'to nobody' }))?.key.id ?? '';
  const ack = await client.waitFor('the ack', () => client.acks.find(({ attrs }) => attrs.id === waId));
  expect(ack.attrs.error).toBeUndefined();
  const [error] = await stage.control.errors.waitFor({ session: number, kind: 'no_recipients' });
  expect(error?.detail).toContain(waId);
  expect(await stage.control.messages.list({ to: contact })).toEqual([]);
});

test('a repeated id: the same text is shown once and no error, another text is dropped and flagged', async () => {
  const { number, client } = await stage.session();
  const [contact, other] = [await stage.contact(), await stage.contact()];
  const messageId = '3EB0AAAABBBBCCCCDDDD02';
  const write = (to: string, text: string): Promise<unknown> =>
    client.socket.sendMessage(jid(to), { text }, { messageId });
  await write(contact, 'one');
  await write(contact, 'one');
  const repeats = { to: contact, waId: messageId, repeated: true };
  expect(await stage.control.messages.waitFor(repeats)).toMatchObject([{ arrival: 2, displayed: false }]);
  expect(await stage.control.errors.list({ session: number })).toEqual([]);
  await write(contact, 'two');
  const errors = await stage.control.errors.waitFor({ session: number, kind: 'id_reused' }, { count: 1 });
  expect(errors[0]?.detail).toContain(messageId);
  expect(await stage.control.messages.list({ to: contact, text: 'two' })).toMatchObject([
    { displayed: false },
  ]);
  // The same id in another conversation is another message for a phone.
  await write(other, 'three');
  expect(await stage.control.messages.waitFor({ to: other })).toMatchObject([{ displayed: true }]);
});

test('a phone that is new shows an id again', async () => {
  const { client } = await stage.session();
  const contact = await stage.contact();
  const messageId = '3EB0AAAABBBBCCCCDDDD03';
  await client.socket.sendMessage(jid(contact), { text: 'again' }, { messageId });
  await stage.control.messages.waitFor({ to: contact, waId: messageId });
  await stage.control.reinstall(contact);
  await client.socket.sendMessage(jid(contact), { text: 'again' }, { messageId });
  const seen = await stage.control.messages.waitFor({ to: contact, waId: messageId }, { count: 2 });
  expect(seen.map(({ displayed }) => displayed)).toEqual([true, true]);
});

test('a login while the device is connected is flagged, one after a half-open link is not', async () => {
  const { number, client } = await stage.session();
  await opened(stage.client(client.auth));
  expect(await client.closed()).toBe(440);
  const filter = { session: number, kind: 'second_login' };
  expect(await stage.control.errors.waitFor(filter)).toMatchObject([{ detail: 'device 1' }]);
  await stage.control.addFault({ kind: 'half_open', session: number });
  // The link is dead from the first stanza that gets lost in it.
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'into the dead link' });
  await stage.control.clearFaults();
  await opened(stage.client(client.auth));
  expect(await stage.control.errors.list(filter)).toHaveLength(1);
});

test('a query that nobody answers is flagged, before the login as well as after it', async () => {
  const query = {
    tag: 'iq',
    attrs: { id: 'q1', to: '@s.whatsapp.net', type: 'get', xmlns: 'no:such:thing' },
  };
  const { number, client } = await stage.session();
  await expect(client.socket.query(query)).rejects.toMatchObject({ data: 501 });
  const flagged = await stage.control.errors.waitFor({ session: number, kind: 'unanswered_query' });
  expect(flagged[0]?.detail).toContain('no:such:thing');
  const unpaired = stage.client();
  await stage.control.pairings.waitFor({});
  await unpaired.waitFor('a QR code', () => unpaired.connectionUpdates.find(({ qr }) => qr));
  await unpaired.socket.sendNode({ ...query, attrs: { ...query.attrs, id: 'q2' } });
  const all = await stage.control.errors.waitFor({ kind: 'unanswered_query' }, { count: 2 });
  expect(all.at(-1)).toMatchObject({ session: null, detail: 'no:such:thing get before the login' });
});
