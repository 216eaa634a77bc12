/**
 * Asking WhatsApp for many numbers at once: few questions, and each number its own answer.
 */
import { createAskNumber } from '../../../gateway/src/whatsapp/askNumbers.js';

type Client = Parameters<typeof createAskNumber>[0];
type Answer = { jid: string; exists: boolean }[] | undefined;

const jidOf = (phone: string): string => `${phone}@s.whatsapp.net`;
const lidOf = (phone: string): string => `9${phone}@lid`;

/** A WhatsApp with the numbers of the map, each known by the number that it maps to. */
function clientWith(known: Map<string, string>, answer?: (phones: string[]) => Answer) {
  const asked: string[][] = [];
  const client = {
    onWhatsApp: async (...phones: string[]): Promise<Answer> => {
      asked.push(phones);
      await Promise.resolve();
      if (answer) return answer(phones);
      return phones.flatMap((phone) => {
        const own = known.get(phone);
        return own === undefined ? [] : [{ jid: jidOf(own), exists: true }];
      });
    },
    signalRepository: {
      lidMapping: {
        getLIDsForPNs: (pns: string[]) =>
          Promise.resolve(pns.map((pn) => ({ pn, lid: lidOf(pn.split('@')[0] ?? '') }))),
      },
    },
  };
  return { asked, client: client as unknown as Client };
}

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `49155${String(from + index).padStart(8, '0')}`);
const ask = (client: Client, phones: string[], errors: unknown[] = []) => {
  const askNumber = createAskNumber(client, (error) => errors.push(error));
  return Promise.all(phones.map((phone) => askNumber(phone)));
};
const there = (phone: string) => ({ jid: jidOf(phone), lid: lidOf(phone) });
const NOBODY = { jid: null, lid: null };

test('a hundred and twenty numbers are three questions, each number with its own answer', async () => {
  const phones = numbers(120);
  const { asked, client } = clientWith(
    new Map(phones.filter((_, index) => index % 3 !== 0).map((p) => [p, p])),
  );
  const told = await ask(client, phones);
  expect(asked.map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(told).toEqual(phones.map((phone, index) => (index % 3 === 0 ? NOBODY : there(phone))));
});

test('the same number asked for twice is asked once', async () => {
  const { asked, client } = clientWith(new Map([['4915500000001', '4915500000001']]));
  expect(await ask(client, ['4915500000001', '4915500000001'])).toEqual([
    there('4915500000001'),
    there('4915500000001'),
  ]);
  expect(asked).toEqual([['4915500000001']]);
});

test('numbers that WhatsApp knows by another one (the ninth digit) are told apart by asking for them alone', async () => {
  const brazil = ['5511987654321', '5511912345678'];
  const [plain = '', nobody = ''] = numbers(2);
  const { asked, client } = clientWith(
    new Map([
      [plain, plain],
      ['5511987654321', '551187654321'],
      ['5511912345678', '551112345678'],
    ]),
  );
  expect(await ask(client, [brazil[0] ?? '', plain, nobody, brazil[1] ?? ''])).toEqual([
    there('551187654321'),
    there(plain),
    NOBODY,
    there('551112345678'),
  ]);
  expect(asked.slice(1)).toEqual([['5511987654321'], [nobody], ['5511912345678']]);
});

test('both ways of writing one number, asked for together, are both there', async () => {
  const [plain = '', nobody = ''] = numbers(2);
  const known = new Map([
    [plain, plain],
    ['5511987654321', '551187654321'],
    ['551187654321', '551187654321'],
  ]);
  const phones = ['5511987654321', '551187654321', plain, nobody];
  const { asked, client } = clientWith(known);
  const told = [there('551187654321'), there('551187654321'), there(plain), NOBODY];
  expect(await ask(client, phones)).toEqual(told);
  expect(asked.slice(1)).toEqual([['5511987654321']]);
  // Also when the one account is named once for both.
  const once = clientWith(known, (given) =>
    [...new Set(given.flatMap((phone) => known.get(phone) ?? []))].map((own) => ({
      jid: jidOf(own),
      exists: true,
    })),
  );
  expect(await ask(once.client, phones)).toEqual(told);
});

test('no answer says nothing of anybody, and the next question is asked all the same', async () => {
  let questions = 0;
  const phones = numbers(60);
  const { client } = clientWith(new Map(), (asked) =>
    (questions += 1) === 1 ? undefined : asked.map((phone) => ({ jid: jidOf(phone), exists: true })),
  );
  const told = await ask(client, phones);
  expect(told.slice(0, 50)).toEqual(Array<null>(50).fill(null));
  expect(told.slice(50)).toEqual(phones.slice(50).map(there));
});

test('an error is reported once, and says nothing of anybody', async () => {
  const errors: unknown[] = [];
  const { client } = clientWith(new Map(), () => {
    throw new Error('rate-overlimit');
  });
  expect(await ask(client, numbers(3), errors)).toEqual([null, null, null]);
  expect(errors).toHaveLength(1);
});
