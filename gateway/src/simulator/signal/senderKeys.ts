/**
 * Sender keys of one simulated device: one encryption for a whole group, once every device has got the key.
 * The primitives are the client's own (Baileys lib/Signal/Group), which no package exports otherwise.
 */
import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyName,
  SenderKeyRecord,
} from '@whiskeysockets/baileys/lib/Signal/Group/index.js';

export interface SenderKeys {
  /** The key that `self` writes with in a group, for those who shall read it. */
  distribution(group: string, self: string): Promise<Buffer>;
  encrypt(group: string, self: string, plaintext: Buffer): Promise<Buffer>;
  /** Takes the key that somebody has distributed. */
  learn(sender: { group: string; author: string }, distribution: Uint8Array): Promise<void>;
  /** @throws when the author's key is not known or the bytes were not made with it. */
  decrypt(sender: { group: string; author: string }, ciphertext: Buffer): Promise<Buffer>;
  save(): [string, string][];
}

const nameOf = (group: string, author: string): SenderKeyName =>
  new SenderKeyName(group, { id: author, deviceId: 0, toString: () => `${author}.0` });

/** No keys, or those of an earlier run. */
export function createSenderKeys(saved: [string, string][] = []): SenderKeys {
  // Serialised, because the cipher changes records in place.
  const records = new Map(saved);
  const store = {
    loadSenderKey: (name: SenderKeyName) => {
      const record = records.get(name.toString());
      return Promise.resolve(
        record ? SenderKeyRecord.deserialize(Buffer.from(record)) : new SenderKeyRecord(),
      );
    },
    storeSenderKey: (name: SenderKeyName, record: SenderKeyRecord) => {
      records.set(name.toString(), JSON.stringify(record.serialize()));
      return Promise.resolve();
    },
  };
  return {
    async distribution(group, self) {
      const message = await new GroupSessionBuilder(store).create(nameOf(group, self));
      return Buffer.from(message.serialize());
    },
    async encrypt(group, self, plaintext) {
      return Buffer.from(await new GroupCipher(store, nameOf(group, self)).encrypt(plaintext));
    },
    async learn({ group, author }, distribution) {
      const message = new SenderKeyDistributionMessage(null, null, null, null, distribution);
      await new GroupSessionBuilder(store).process(nameOf(group, author), message);
    },
    async decrypt({ group, author }, ciphertext) {
      return Buffer.from(await new GroupCipher(store, nameOf(group, author)).decrypt(ciphertext));
    },
    save: () => [...records],
  };
}
