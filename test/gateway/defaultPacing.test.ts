/**
 * What a session without any policy of its own does, seen from the wire with the real client: the gaps, the typing and the
 * pauses that the documents promise, and the warm-up of a new number. The values are those of the preset; only the clock
 * runs faster.
 */
import { fileURLToPath } from 'node:url';
import { PRESET_POLICIES } from '../../gateway/src/domain/presets.js';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson, type SessionJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550024001';
const ANN = '4915550024002';
const SPEED = 5;
const DAY_MS = 86_400_000;
/** What a message takes on a busy machine is multiplied like the rest; and now and then such a machine stands still. */
const SLACK_MS = 3_000;
const HICCUP_MS = 15_000;
const MOST = 0.8;
/** Either of two stanzas may arrive a moment late. */
const EARLY_MS = 500;
const TEXT = 'x'.repeat(50);
const PROGRAM = fileURLToPath(new URL('support/clockGateway.mjs', import.meta.url));

let gateway: GatewayProcess;

const faster = async (aheadMs: number): Promise<void> => {
  await gateway.stop();
  gateway = await world.start({
    program: PROGRAM,
    env: { CLOCK_SPEED: String(SPEED), CLOCK_AHEAD_MS: String(aheadMs) },
  });
  await eventually(
    'connected',
    async () => (await gateway.ask<SessionJson>('GET', '/v1/sessions/default')).status === 'connected',
  );
};

const post = () =>
  gateway.ask<MessageJson>('POST', '/v1/messages', { sessionId: 'default', to: ANN, text: TEXT });

/** Times of arrival on the gateway's clock, counted from any moment, and of the typing before each. */
async function seen(count: number): Promise<{ sent: number[]; typed: number[] }> {
  const phone = world.phone();
  await phone.messages.waitFor({ from: PHONE, to: ANN, device: 0 }, { count, timeoutMs: 100_000 });
  const messages = await phone.messages.list({ from: PHONE, to: ANN, device: 0 });
  const presences = await phone.presences.list({ from: PHONE });
  const typing = presences.filter(({ type }) => type === 'composing');
  const scaled = ({ at }: { at: string }): number => Date.parse(at) * SPEED;
  return { sent: messages.map(scaled), typed: typing.map(scaled) };
}

const gapsOf = (times: number[]): number[] => times.slice(1).map((at, index) => at - (times[index] ?? 0));

/** None is too short; most are not too long, and no one by more than a hiccup. */
function expectWithin(values: number[], { min, max }: { min: number; max: number }): void {
  expect(Math.min(...values)).toBeGreaterThanOrEqual(min - EARLY_MS);
  expect(Math.max(...values)).toBeLessThanOrEqual(max + HICCUP_MS);
  const prompt = values.filter((value) => value <= max + SLACK_MS);
  expect(prompt.length / values.length).toBeGreaterThanOrEqual(MOST);
}

const { gapMs, typing, cooldown, warmUp } = PRESET_POLICIES.standard;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: ANN, name: 'Ann' });
  await pair(gateway, world.phone(), { id: 'default', number: PHONE, policy: {} });
  await faster(0);
});

test('the values are those of the documents', async () => {
  expect({ gapMs, typing, cooldown, warmUp }).toEqual({
    gapMs: { min: 5_000, max: 9_000 },
    typing: { perCharacterMs: 40, minMs: 500, maxMs: 4_000 },
    cooldown: { afterMessages: 20, minMs: 30_000, maxMs: 60_000 },
    warmUp: { enabled: true, firstDay: 20, growth: 1.8, days: 6 },
  });
  const { policy } = await gateway.ask<{ policy: object }>('GET', '/v1/sessions/default/limits');
  expect(policy).toMatchObject({ preset: 'standard', gapMs, typing, cooldown, warmUp });
});

test('the first day of a new number: twenty messages, five to nine seconds apart, each typed before', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 21; index += 1) ids.push((await post()).id);
  const { sent, typed } = await seen(20);
  const gaps = gapsOf(sent);
  expectWithin(gaps, gapMs ?? { min: 0, max: 0 });
  // Drawn anew each time, over the whole range.
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(1_000);
  expect(typed).toHaveLength(20);
  const typingMs = TEXT.length * (typing?.perCharacterMs ?? 0);
  const before = sent.map((at, index) => at - (typed[index] ?? 0));
  expectWithin(before, { min: typingMs, max: typingMs });
  const held = await eventually('the hold', async () => {
    const message = await gateway.ask<MessageJson>('GET', `/v1/messages/${ids[20] ?? ''}`);
    return message.hold?.code === 'warm_up' && message;
  });
  expect(held.hold?.message).toMatch(/^held \d.*: warm-up day 1, 20 of 20 used/);
});

test('after the warm-up: a pause of thirty to sixty seconds after every twenty', async () => {
  await world.phone().clearRecords();
  await faster(7 * DAY_MS);
  // One waits from the first day.
  for (let index = 0; index < 21; index += 1) await post();
  const { sent } = await seen(22);
  const gaps = gapsOf(sent);
  const [pause = 0] = gaps.splice(19, 1);
  expect(pause).toBeGreaterThanOrEqual((cooldown?.minMs ?? 0) - EARLY_MS);
  expect(pause).toBeLessThanOrEqual((cooldown?.maxMs ?? 0) + HICCUP_MS);
  expectWithin(gaps, gapMs ?? { min: 0, max: 0 });
});
