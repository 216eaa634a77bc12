/**
 * Every field of every operation: an expression in it gives the same request as the value itself, and the list of fields
 * here is compared with the description of the node, so that a new field has to be added.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { runNode } from './support/engine';
import { accepted, gateway, resetGateway, type Call } from './support/gateway';
import { CASES, locator, type Case, type Values } from './support/fieldCases';
import { nodeTypes } from './support/nodeTypes';

const titled = CASES.map((one): [string, Case] => [
  `${one.type} ${Object.values(one.fixed).map(String).join(' ')}`,
  one,
]);

const routes = {
  'POST /v1/media': { body: { id: 'med_1' } },
  'POST /v1/messages': accepted(),
  'GET /v1/messages/msg_1': accepted(),
  'POST /v1/messages/msg_1/cancel': accepted(),
  'POST /v1/messages/msg_1/retry': accepted(),
  'GET /v1/sessions': { body: { data: [] } },
  'GET /v1/sessions/shop': { body: { id: 'shop', status: 'qr' } },
  'GET /v1/sessions/shop/qr': { body: { qr: '2@x', image: 'data:image/png;base64,AAAA' } },
  'GET /v1/sessions/shop/limits': { body: {} },
  'DELETE /v1/sessions/shop': { status: 204 },
  'POST /v1/sessions/shop/logout': { body: {} },
  'POST /v1/sessions/shop/restart': { body: {} },
  'POST /v1/sessions/shop/pairing-code': { body: { code: 'ABCD-EFGH' } },
};

const essence = ({ method, path, query, body, headers }: Call): unknown => ({
  method,
  path,
  query: query.toString(),
  body,
  key: headers['idempotency-key'],
});

interface Outcome {
  calls: unknown[];
  output: unknown;
}

async function outcomeOf({ type, fixed }: Case, given: Values, item: IDataObject): Promise<Outcome> {
  resetGateway();
  const calls = gateway(routes);
  const input = { json: item, binary: { plan: { mimeType: 'text/plain', data: 'UGxhbg==' } } };
  const { error, items } = await runNode(type, { parameters: { ...fixed, ...given } }, [input]);
  expect(error).toBeUndefined();
  return { calls: calls.map(essence), output: items };
}

/** Each value from the item, by an expression; of a locator the value inside. */
function asExpressions(fields: Values, place = '$json'): Values {
  const entries = Object.entries(fields).map(([name, value]) => {
    const expression = `={{ ${place}[${JSON.stringify(name)}] }}`;
    return [name, value === locator ? { ...locator, value: expression } : expression];
  });
  return Object.fromEntries(entries) as Values;
}

const asItem = (fields: Values): IDataObject =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === locator ? locator.value : value]),
  );

function isShown({ displayOptions }: INodeProperties, chosen: Values): boolean {
  const fits = ([name, values]: [string, unknown]): boolean => (values as unknown[]).includes(chosen[name]);
  const { show = {}, hide = {} } = displayOptions ?? {};
  return Object.entries(show).every(fits) && !Object.entries(hide).some(fits);
}

it.each(titled)('%s: expressions give what the values give', async (_title, one) => {
  const { fields, options = {} } = one;
  const literal = await outcomeOf(one, { ...fields, options }, {});
  expect(literal.calls.length).toBeGreaterThan(0);
  const expressions = { ...asExpressions(fields), options: asExpressions(options, '$json.options') };
  expect(await outcomeOf(one, expressions, { ...asItem(fields), options })).toEqual(literal);
});

it.each(titled)('%s: has these fields and no others', (_title, one) => {
  const { properties } = nodeTypes.getByNameAndVersion(`n8n-nodes-sluice.${one.type}`).description;
  const chosen = { ...one.fixed, ...one.fields };
  const names = properties
    .filter(({ type }) => type !== 'notice' && type !== 'collection')
    .filter((property) => isShown(property, chosen))
    .map(({ name }) => name);
  expect([...new Set(names)].sort()).toEqual(Object.keys(chosen).sort());
  const offered = properties
    .filter((property) => property.type === 'collection' && isShown(property, chosen))
    .flatMap(({ options = [] }) => options)
    // Of batches only: batch.test.ts looks at it.
    .filter(({ name }) => name !== 'batchSize');
  expect(offered.map(({ name }) => name).sort()).toEqual(Object.keys(one.options ?? {}).sort());
});

it('every event of the gateway can be chosen in the trigger, but the test event', () => {
  const reference = readFileSync(join(__dirname, '../../docs/reference/openapi.json'), 'utf8');
  const { components } = JSON.parse(reference) as {
    components: { schemas: { Delivery: { properties: { eventType: { enum: string[] } } } } };
  };
  const there = components.schemas.Delivery.properties.eventType.enum.filter((one) => one !== 'webhook.test');
  const { properties } = nodeTypes.getByNameAndVersion('n8n-nodes-sluice.incomingMessageTrigger').description;
  const { options = [] } = properties.find(({ name }) => name === 'events') ?? {};
  const offered = options.map((option) => ('value' in option ? option.value : ''));
  expect(offered.sort()).toEqual(['*', ...there].sort());
});

it('every source of a file is listed here', () => {
  const { properties } = nodeTypes.getByNameAndVersion('n8n-nodes-sluice.sendMedia').description;
  const { options = [] } = properties.find(({ name }) => name === 'source') ?? {};
  const listed = CASES.filter(({ type }) => type === 'sendMedia').map(({ fixed }) => fixed.source);
  expect(options.map((option) => ('value' in option ? option.value : '')).sort()).toEqual(listed.sort());
});

it('every operation is listed here', () => {
  for (const type of ['sendMessage', 'sessionQr']) {
    const { properties } = nodeTypes.getByNameAndVersion(`n8n-nodes-sluice.${type}`).description;
    const operations = properties
      .filter(({ name }) => name === 'operation')
      .flatMap(({ options = [] }) => options.map((option) => ('value' in option ? option.value : '')));
    const listed = CASES.filter((one) => one.type === type).map(({ fixed }) => fixed.operation);
    // Send and Wait has tests of its own: it does not end with the node.
    expect([...new Set([...listed, ...(type === 'sendMessage' ? ['sendAndWait'] : [])])].sort()).toEqual(
      operations.sort(),
    );
  }
});
