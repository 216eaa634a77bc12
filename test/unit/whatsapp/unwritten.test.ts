import { createUnwritten } from '../../../gateway/src/whatsapp/unwritten.js';

test('a value is read until it is durable', () => {
  const unwritten = createUnwritten();
  unwritten.set([{ key: 'a', value: '1' }]);
  const written = unwritten.snapshot();
  expect(unwritten.get('a')).toBe('1');
  unwritten.forget(written);
  expect(unwritten.get('a')).toBeUndefined();
});

test('what was set during a write stays for the next one', () => {
  const unwritten = createUnwritten();
  unwritten.set([{ key: 'a', value: '1' }]);
  const written = unwritten.snapshot();
  unwritten.set([{ key: 'a', value: '2' }]);
  unwritten.forget(written);
  expect(unwritten.get('a')).toBe('2');
});

test('a value taken back gives way to the one before', () => {
  const unwritten = createUnwritten();
  unwritten.set([{ key: 'a', value: '1' }]);
  const takeBack = unwritten.set([
    { key: 'a', value: '2' },
    { key: 'b', value: '2' },
  ]);
  takeBack();
  expect([unwritten.get('a'), unwritten.get('b')]).toEqual(['1', undefined]);
});

test('a failed write takes back nothing that was set after it', () => {
  const unwritten = createUnwritten();
  const takeBackFirst = unwritten.set([{ key: 'a', value: '1' }]);
  unwritten.set([{ key: 'a', value: '2' }]);
  takeBackFirst();
  expect(unwritten.get('a')).toBe('2');
  expect(unwritten.snapshot()).toHaveLength(1);
});

test('two failed writes leave what stood before both', () => {
  const unwritten = createUnwritten();
  unwritten.set([{ key: 'a', value: '0' }]);
  const takeBackFirst = unwritten.set([{ key: 'a', value: '1' }]);
  const takeBackSecond = unwritten.set([{ key: 'a', value: '2' }]);
  takeBackFirst();
  takeBackSecond();
  expect(unwritten.get('a')).toBe('0');
});
