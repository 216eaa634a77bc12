/**
 * Two clients in one group, and what the second one is told when the first one changes it.
 */
import { WAMessageStubType } from '@whiskeysockets/baileys';
import type { TestClient } from './client.js';
import { jid, openStage, type Stage } from './stage.js';

interface Person {
  number: string;
  client: TestClient;
}

export interface GroupStage {
  stage: Stage;
  /** Makes the groups. */
  admin: Person;
  member: Person;
  /** A group with a contact in it beside the two. */
  makeGroup(): Promise<{ id: string; bob: string }>;
  /** Waits until the member was told of such a change. */
  told(id: string, kind: keyof typeof WAMessageStubType, parameter: string): Promise<void>;
  /** Closes it; nothing may have been recorded as an error. */
  close(): Promise<void>;
}

export async function openGroupStage(): Promise<GroupStage> {
  const stage = await openStage();
  const admin = await stage.session({ emitOwnEvents: false });
  const member = await stage.session({ emitOwnEvents: false });
  return {
    stage,
    admin,
    member,
    async makeGroup() {
      const bob = await stage.contact();
      const { id } = await admin.client.socket.groupCreate('Readers', [jid(bob), jid(member.number)]);
      return { id, bob };
    },
    async told(id, kind, parameter) {
      await member.client.waitFor(`${kind} ${parameter}`, () =>
        member.client.messages.find(
          ({ key, messageStubType, messageStubParameters }) =>
            key.remoteJid === id &&
            messageStubType === WAMessageStubType[kind] &&
            (messageStubParameters as string[] | null | undefined)?.includes(parameter),
        ),
      );
    },
    async close() {
      expect(await stage.control.errors.list()).toEqual([]);
      await stage.close();
    },
  };
}
