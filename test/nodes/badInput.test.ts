/**
 * Bad input at every field: an error before any call, which names the field and says what fits. The list is compared with
 * the descriptions of the nodes, so that a new field has to be added here.
 */
import type { INodeProperties } from 'n8n-workflow';

import { ANY_FITS, BAD_INPUT } from './support/badInput';
import { TO, newMessage, type Values } from './support/badInputParts';
import { ANY_FITS_TRIGGER, BAD_TRIGGER } from './support/badTriggerInput';
import { runNode } from './support/engine';
import { accepted, gateway, problem, resetGateway } from './support/gateway';
import { nodeTypes } from './support/nodeTypes';
import { activate } from './support/hooks';
import { workflowOf } from './support/trigger';

const rows = BAD_INPUT.flatMap(({ type, good, bad }) =>
  Object.entries(bad).flatMap(([field, values]) =>
    values.map(([value, says]): [string, string, unknown, string, Values] => [
      `${type} ${good.operation ?? 'send'}`,
      field,
      value,
      says,
      good,
    ]),
  ),
);

/** The good values, with an expression in this field that gives the item's `bad`. */
function withExpression(good: Values, field: string): Values {
  const expression = '={{ $json.bad }}';
  const [name = '', option] = field.split('.');
  if (option !== undefined) return { ...good, [name]: { [option]: expression } };
  return { ...good, [name]: name === 'session' ? { __rl: true, mode: 'id', value: expression } : expression };
}

beforeEach(resetGateway);

it.each(rows)('%s: %s of %j is refused before any call', async (title, field, value, says, good) => {
  const calls = gateway({});
  const [type = ''] = title.split(' ');
  const parameters = withExpression(good, field);
  const { error } = await runNode(type, { parameters }, [{ bad: value as string }]);
  expect(error?.message).toContain(says);
  expect(error?.context?.itemIndex).toBe(0);
  expect(calls).toEqual([]);
});

/** The fields of a node, those of a collection after its name and a dot. */
function fieldsOf(type: string): string[] {
  const { properties } = nodeTypes.getByNameAndVersion(`n8n-nodes-sluice.${type}`).description;
  const namesOf = ({ name, type: kind, options = [] }: INodeProperties): string[] => {
    if (kind !== 'collection')
      return kind === 'notice' || ['resource', 'operation'].includes(name) ? [] : [name];
    return options.map((option) => `${name}.${option.name}`);
  };
  return [...new Set(properties.flatMap(namesOf))];
}

it.each(['sendMessage', 'sendMedia', 'sessionQr'])('every field of %s is looked at here', (type) => {
  const there = fieldsOf(type);
  const shared = type === 'sendMedia' ? BAD_INPUT.filter((one) => one.type === 'sendMessage') : [];
  const looked = [...BAD_INPUT.filter((one) => one.type === type), ...shared].flatMap(({ bad }) =>
    Object.keys(bad),
  );
  const missing = there.filter((name) => !looked.includes(name) && !ANY_FITS.includes(name));
  expect(missing).toEqual([]);
});

it('every field of the trigger is looked at here', () => {
  expect([...Object.keys(BAD_TRIGGER), ...ANY_FITS_TRIGGER].sort()).toEqual(
    fieldsOf('incomingMessageTrigger').sort(),
  );
});

it('what an expression may well give is taken: texts of numbers and truths, dates, lists, nothing at all', async () => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  const options = {
    expiresAt: '={{ $now.set({ year: 2030, month: 1, day: 2 }).startOf("day") }}',
    linkPreview: '={{ "false" }}',
    mentions: '={{ [4915112345678, "+4915187654321"] }}',
    priority: '={{ "7" }}',
    reference: '={{ 1234 }}',
    replyTo: '={{ undefined }}',
    sendAt: '={{ new Date(Date.UTC(2029, 0, 1)) }}',
    showTyping: '={{ null }}',
    waitSeconds: '={{ "" }}',
  };
  const parameters = { ...newMessage('text'), message: '={{ 5 }}', options };
  const { error } = await runNode('sendMessage', { parameters });
  expect(error).toBeUndefined();
  expect(calls[0]?.body).toEqual({
    to: TO,
    type: 'text',
    text: { body: '5', linkPreview: false, mentions: ['4915112345678', '+4915187654321'] },
    expiresAt: '2030-01-01T23:00:00.000Z',
    sendAt: '2029-01-01T00:00:00.000Z',
    priority: 7,
    reference: '1234',
  });
});

it('a wait that is no number cannot become a wait without end', async () => {
  const calls = gateway({
    'POST /v1/messages': problem('rate_limited', 429, { retryAfterSeconds: 1 }),
  });
  const parameters = {
    ...newMessage('text'),
    message: 'Hi',
    options: { maxWaitSeconds: '={{ "a while" }}' },
  };
  const { error } = await runNode('sendMessage', { parameters });
  expect(error?.message).toContain('"Max Wait When Limited (Seconds)" is not valid');
  expect(calls).toEqual([]);
});

it.each(
  Object.entries(BAD_TRIGGER).flatMap(([field, values]) =>
    values.map(([value, says]): [string, unknown, string] => [field, value, says]),
  ),
)('the trigger refuses %s of %j when it is activated, before any call', async (field, value, says) => {
  const calls = gateway({});
  const [name = '', option] = field.split('.');
  const parameters = { [name]: option === undefined ? value : { [option]: value } } as Values;
  await expect(activate(workflowOf(parameters))).rejects.toThrow(says);
  expect(calls).toEqual([]);
});
