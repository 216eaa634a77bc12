/**
 * How a group is set: subject, description, who may write, change and add, how long messages stay, whether admins decide
 * on who comes in. Each change is told to everybody's clients. Used by clients' queries and by the control API.
 */
import { childOf, childText, node, stanzaTime, type BinaryNode } from '../wire/nodes.js';
import { nowSeconds, type Group } from './groups.js';
import { announce, type Scene } from './membership.js';
import { addModeNode, approvalNode, descriptionNode } from './nodes.js';

export function changeSubject(scene: Scene, subject: string): void {
  scene.group.subject = subject;
  announce(scene, node('subject', { subject, s_t: stanzaTime() }));
}

/** Without text there is none afterwards. */
export function changeDescription(scene: Scene, id: string, text: string | undefined): void {
  const { world, group, actor } = scene;
  group.description = text ? { id, text, author: actor.number, at: nowSeconds() } : undefined;
  announce(scene, descriptionNode(world.directory, group));
}

/** The settings that are on or off, or a number. */
export interface SwitchChange {
  isAnnouncement?: boolean | undefined;
  isLocked?: boolean | undefined;
  membersAdd?: boolean | undefined;
  approvesJoining?: boolean | undefined;
  ephemeralSeconds?: number | undefined;
}

const CHANGES: { [name in keyof SwitchChange]-?: (group: Group) => BinaryNode } = {
  isAnnouncement: ({ isAnnouncement }) => node(isAnnouncement ? 'announcement' : 'not_announcement'),
  isLocked: ({ isLocked }) => node(isLocked ? 'locked' : 'unlocked'),
  membersAdd: (group) => addModeNode(group),
  approvesJoining: ({ approvesJoining }) => approvalNode(approvesJoining ? 'on' : 'off'),
  ephemeralSeconds: ({ ephemeralSeconds }) =>
    ephemeralSeconds > 0 ? node('ephemeral', { expiration: ephemeralSeconds }) : node('not_ephemeral'),
};

/** Changes what is given, with one piece of news for each. */
export function changeSwitches(scene: Scene, change: SwitchChange): void {
  const { group } = scene;
  for (const name of Object.keys(CHANGES) as (keyof SwitchChange)[]) {
    if (change[name] === undefined) continue;
    Object.assign(group, { [name]: change[name] });
    announce(scene, CHANGES[name](group));
  }
}

/** The switches that a client's request turns, by the request's name. */
const REQUESTED: Record<string, (request: BinaryNode, iq: BinaryNode) => SwitchChange> = {
  announcement: () => ({ isAnnouncement: true }),
  not_announcement: () => ({ isAnnouncement: false }),
  locked: () => ({ isLocked: true }),
  unlocked: () => ({ isLocked: false }),
  ephemeral: ({ attrs }) => ({ ephemeralSeconds: Number(attrs.expiration ?? 0) }),
  not_ephemeral: () => ({ ephemeralSeconds: 0 }),
  member_add_mode: (_request, iq) => ({ membersAdd: childText(iq, 'member_add_mode') === 'all_member_add' }),
  membership_approval_mode: (request) => {
    const mode = childOf(request, 'group_join') ?? childOf(request, 'community_join');
    return { approvesJoining: mode?.attrs.state === 'on' };
  },
};

/** Those that every member may change unless the group is locked. */
const FOR_MEMBERS = new Set(['subject', 'description', 'ephemeral', 'not_ephemeral']);

/** Whether a request of that name is for admins alone in this group. */
export const isForAdmins = (group: Group, name: string): boolean => group.isLocked || !FOR_MEMBERS.has(name);

/** Does what a client asks for; false when this is no setting. */
export function changeAsRequested(scene: Scene, request: BinaryNode, iq: BinaryNode): boolean {
  if (request.tag === 'subject') {
    changeSubject(scene, childText(iq, 'subject') ?? '');
  } else if (request.tag === 'description') {
    changeDescription(scene, request.attrs.id ?? '', childText(request, 'body'));
  } else {
    const change = REQUESTED[request.tag];
    if (!change) return false;
    changeSwitches(scene, change(request, iq));
  }
  return true;
}
