/**
 * Changes of who is in a group and with which role, and how everybody's clients are told of this and any other change.
 */
import { randomBytes } from 'node:crypto';
import { jidOf } from '../directory/address.js';
import { linkedDevices, type Account } from '../directory/directory.js';
import { node, stanzaTime, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';
import { membersOf, type Group } from './groups.js';
import { groupNode, participantNode } from './nodes.js';

export const MEMBER_ACTIONS = ['add', 'remove', 'promote', 'demote'] as const;
export type MemberAction = (typeof MEMBER_ACTIONS)[number];

/** A change that is being made. */
export interface Scene {
  world: World;
  group: Group;
  /** Who does it. */
  actor: Account;
}

/** Tells the clients of all members, and of those named beside them. */
export function announce({ world, group, actor }: Scene, change: BinaryNode, others: Account[] = []): void {
  const attrs = {
    type: 'w:gp2',
    from: group.id,
    participant: jidOf(actor, group.addressing),
    [group.addressing === 'lid' ? 'participant_pn' : 'participant_lid']: jidOf(
      actor,
      group.addressing === 'lid' ? 'pn' : 'lid',
    ),
    addressing_mode: group.addressing,
    id: randomBytes(8).toString('hex'),
    t: stanzaTime(),
  };
  for (const account of new Set([...membersOf(world.directory, group), ...others])) {
    for (const device of linkedDevices(account)) device.queue.push(node('notification', attrs, [change]));
  }
}

/** Tells everybody that they are in a new group. */
export const announceCreation = (scene: Scene): void =>
  announce(scene, node('create', { type: 'new' }, [groupNode(scene.world.directory, scene.group)]));

export function changeMembers(scene: Scene, action: MemberAction, accounts: Account[]): void {
  const { group } = scene;
  const participants = accounts.map((account) => participantNode(group, account));
  for (const { number } of accounts) {
    if (action === 'remove') group.members.delete(number);
    else group.members.set(number, action === 'promote' ? 'admin' : 'member');
  }
  const changed = new Set(accounts.map(({ number }) => number));
  if (action === 'add') group.requests = group.requests.filter(({ number }) => !changed.has(number));
  // Whoever leaves must not be able to read on: the next message of everybody brings a key to those who remain.
  if (action === 'remove') group.keyHolders.clear();
  announce(scene, node(action, {}, participants), accounts);
}
