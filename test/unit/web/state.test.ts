import { firstSlots, readSlots, toHash } from '../../../gateway/web/phone/state.js';

const ADA = { number: '4915550000001', kind: 'phone' as const };
const BOB = { number: '4915550000002', kind: 'contact' as const };

test.each([
  ['', []],
  ['#', []],
  ['#4915550000001', [{ number: '4915550000001', chat: null }]],
  [
    '#4915550000001/4915550000002;4915550000002',
    [
      { number: '4915550000001', chat: '4915550000002' },
      { number: '4915550000002', chat: null },
    ],
  ],
  ['#4915550000001/120363@g.us', [{ number: '4915550000001', chat: '120363@g.us' }]],
  ['#x;<script>;12', []],
  ['#%', []],
])('the address %j names phones', (hash, slots) => {
  expect(readSlots(hash)).toEqual(slots);
  expect(readSlots(toHash(slots))).toEqual(slots);
});

test('no more phones than fit', () => {
  expect(readSlots('#4915550000001;4915550000002;4915550000003')).toHaveLength(2);
});

test('at first the own phone and its first contact stand beside each other', () => {
  expect(firstSlots([])).toEqual([]);
  expect(firstSlots([ADA])).toEqual([{ number: ADA.number, chat: null }]);
  expect(firstSlots([BOB, ADA])).toEqual([
    { number: ADA.number, chat: BOB.number },
    { number: BOB.number, chat: ADA.number },
  ]);
});
