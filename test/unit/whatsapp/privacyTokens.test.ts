import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys';
import { createPrivacyTokens, type PrivacyTokensDeps } from '../../../gateway/src/whatsapp/privacyTokens.js';
import { createFakeClock } from '../../support/fakeClock.js';

const [PHONE, LID, GROUP] = ['4915112345678@s.whatsapp.net', '123@lid', '1203@g.us'];
const DAY_MS = 86_400_000;

type Token = NonNullable<NonNullable<SignalDataSet['tctoken']>[string]>;

function openBed() {
  const clock = createFakeClock();
  const stored = new Map<string, Token>();
  const keys = {
    get: (_type: string, [id = '']: string[]) =>
      Promise.resolve(stored.has(id) ? { [id]: stored.get(id) } : {}),
    set({ tctoken = {} }: SignalDataSet) {
      for (const [id, value] of Object.entries(tctoken)) {
        if (value) stored.set(id, value);
        else stored.delete(id);
      }
      return Promise.resolve();
    },
  } as unknown as SignalKeyStore;
  const asked: string[] = [];
  const errors: unknown[] = [];
  const bed = {
    answer: (): Promise<unknown> => Promise.resolve({ tag: 'iq', attrs: {} }),
    toLid: false,
  };
  const client = {
    get serverProps() {
      return { lidTrustedTokenIssueToLid: bed.toLid };
    },
    signalRepository: {
      lidMapping: {
        getLIDForPN: () => Promise.resolve(LID),
        getPNForLID: () => Promise.resolve(PHONE),
      },
    },
    issuePrivacyTokens(jids: string[]) {
      asked.push(...jids);
      return bed.answer();
    },
  } as unknown as PrivacyTokensDeps['client'];
  const due = createPrivacyTokens({
    client,
    keys,
    clock,
    isOpen: () => true,
    onError: (error) => errors.push(error),
  });
  const send = async (jid: string): Promise<void> => (await due(jid))?.();
  return Object.assign(bed, { clock, stored, asked, errors, send });
}

test('a person is told once a week, by whichever address they are written to', async () => {
  const bed = openBed();
  await bed.send(PHONE);
  await bed.send(PHONE);
  await bed.send(LID);
  expect(bed.asked).toEqual([PHONE]);
  bed.clock.advance(8 * DAY_MS);
  await bed.send(LID);
  expect(bed.asked).toEqual([PHONE, PHONE]);
});

test('the LID is named where WhatsApp asks for it, and a group never', async () => {
  const bed = openBed();
  bed.toLid = true;
  await bed.send(PHONE);
  await bed.send(GROUP);
  expect(bed.asked).toEqual([LID]);
});

test('it is written before the message goes, so that the client does not ask by itself', async () => {
  const bed = openBed();
  bed.answer = () => {
    expect(bed.stored.get(LID)?.senderTimestamp).toBe(Math.floor(bed.clock.now() / 1_000));
    return Promise.resolve({ tag: 'iq', attrs: {} });
  };
  await bed.send(PHONE);
  expect(bed.asked).toHaveLength(1);
});

test('a token that WhatsApp gives is kept', async () => {
  const bed = openBed();
  const token = {
    tag: 'token',
    attrs: { type: 'trusted_contact', t: '1700000000' },
    content: Buffer.from('abc'),
  };
  bed.answer = () =>
    Promise.resolve({ tag: 'iq', attrs: {}, content: [{ tag: 'tokens', attrs: {}, content: [token] }] });
  await bed.send(PHONE);
  expect(bed.stored.get(LID)).toMatchObject({ token: Buffer.from('abc'), timestamp: '1700000000' });
});

test('a question that failed is asked again with the next message', async () => {
  const bed = openBed();
  bed.answer = () => Promise.reject(new Error('no answer'));
  await bed.send(PHONE);
  expect(bed.errors).toHaveLength(1);
  expect(bed.stored.size).toBe(0);
  await bed.send(PHONE);
  expect(bed.asked).toEqual([PHONE, PHONE]);
});
