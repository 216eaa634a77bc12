/**
 * The simulator's own coding of nodes is the client's, to the byte.
 */
import { deflateSync } from 'node:zlib';
import { decodeBinaryNode, encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys';
import fc from 'fast-check';
import { decodeNode } from '../../../gateway/src/simulator/wire/decodeNode.js';
import { encodeNode } from '../../../gateway/src/simulator/wire/encodeNode.js';
import { TOKENS } from '../../../gateway/src/simulator/wire/tokens.js';

const digits = fc.stringMatching(/^[0-9]{1,16}$/);
const address = fc
  .tuple(
    digits,
    fc.constantFrom('', ':3', ':99'),
    fc.constantFrom('s.whatsapp.net', 'lid', 'g.us', 'hosted', 'hosted.lid', 'newsletter', 'unheard.of'),
  )
  .map(([user, device, server]) => `${user}${device}@${server}`);
// The client's own encoder takes `valueOf` and its like for words of its dictionary.
const isPlain = (value: string): boolean =>
  !/\p{Surrogate}/u.test(value) && !value.includes('@') && !(value in Object.prototype);
const text = fc.oneof(
  fc.constantFrom('', '@s.whatsapp.net', 'status@broadcast', ...TOKENS.keys()),
  fc.string({ unit: 'binary', maxLength: 300 }).filter(isPlain),
  fc.stringMatching(/^[0-9.-]{1,130}$/),
  fc.stringMatching(/^[0-9A-F]{1,130}$/),
  digits,
  address,
);
const name = text.filter((value) => value !== '' && value !== '__proto__');
const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(256, 65_536).map((size) => new Uint8Array(size).fill(7)) },
);
const { tree } = fc.letrec<{ tree: BinaryNode; leaf: BinaryNode }>((tie) => ({
  leaf: fc.record({ tag: name, attrs: fc.dictionary(name, text, { maxKeys: 6 }) }),
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('leaf'),
    fc.record({
      tag: name,
      attrs: fc.dictionary(name, text, { maxKeys: 6 }),
      content: fc.oneof(bytes, text, fc.array(tie('tree'), { maxLength: 5 })),
    }),
  ),
}));

test('a node is written as the client writes it', () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(encodeNode(node).equals(encodeBinaryNode(node))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('a node is read as the client reads it, compressed or not', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (node) => {
      const plain = encodeBinaryNode(node);
      const packed = Buffer.concat([Buffer.from([2]), deflateSync(plain.subarray(1))]);
      const { content, ...head } = await decodeBinaryNode(plain);
      const expected = content === undefined ? head : { ...head, content };
      expect(decodeNode(plain)).toEqual(expected);
      expect(decodeNode(packed)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('lists and bytes longer than their short forms can count are kept whole', () => {
  const keys = Array.from({ length: 812 }, (_, id) => ({ tag: 'key', attrs: { id: String(id) } }));
  for (const content of [keys, Buffer.alloc(2 ** 20, 7)]) {
    const encoded = encodeNode({ tag: 'list', attrs: {}, content });
    expect(encoded.equals(encodeBinaryNode({ tag: 'list', attrs: {}, content }))).toBe(true);
    expect(encodeNode(decodeNode(encoded)).equals(encoded)).toBe(true);
  }
});

test('whatever the bytes are, they are read or refused', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.tuple(tree, fc.nat(), fc.nat(255)).map(([node, at, value]) => {
      const damaged = encodeBinaryNode(node);
      damaged[at % damaged.length] = value;
      return damaged;
    }),
    fc.tuple(tree, fc.nat()).map(([node, at]) => {
      const whole = encodeBinaryNode(node);
      return whole.subarray(0, at % whole.length);
    }),
  );
  const outcomes = { read: 0, refused: 0 };
  fc.assert(
    fc.property(anything, (frame) => {
      try {
        expect(typeof decodeNode(Buffer.from(frame)).tag).toBe('string');
        outcomes.read += 1;
      } catch (error) {
        expect(String(error)).toMatch(/^Error: /);
        outcomes.refused += 1;
      }
    }),
    { numRuns: 2000 },
  );
  expect(outcomes.read).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});

test('nodes in nodes without end, and bytes that unfold without end, are refused', () => {
  // Every node has a tag of one byte and a list of one node.
  const nested = Buffer.concat([
    Buffer.from([0]),
    ...Array.from({ length: 100_000 }, () => Buffer.from([248, 2, 5, 248, 1])),
  ]);
  expect(() => decodeNode(nested)).toThrow('nested too deeply');
  const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
  expect(() => decodeNode(Buffer.concat([Buffer.from([2]), bomb]))).toThrow('larger than');
});
