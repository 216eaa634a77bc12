/**
 * Control routes for groups: create, look up, change members, write in them.
 */
import type { Router } from 'express';
import type { Account } from '../../directory/directory.js';
import { sendToGroup } from '../../groups/fromPhone.js';
import { isAdmin, type Group } from '../../groups/groups.js';
import { joinByLink } from '../../groups/invites.js';
import { announceCreation, changeMembers } from '../../groups/membership.js';
import { changeDescription, changeSubject, changeSwitches } from '../../groups/settings.js';
import { newMessageId } from '../../messages/content.js';
import type { ControlDeps } from '../app.js';
import { ControlError, notFound, parse } from '../problem.js';
import {
  groupChangeSchema,
  groupMessageSchema,
  groupSettingsSchema,
  joinSchema,
  newGroupSchema,
  subjectSchema,
} from '../schemas.js';
import { viewGroup } from '../views.js';
import { toMessage } from '../written.js';
import { accountOf } from './accounts.js';

/** The group, in which `member` has to be. @throws ControlError 404 or 409. */
export function groupOf({ world }: ControlDeps, id: string, member?: Account): Group {
  const group = world.groups.find(id);
  if (!group) throw notFound(`group ${id}`);
  if (member && !group.members.has(member.number))
    throw new ControlError(409, 'not_a_member', `${member.number} is not in the group`);
  return group;
}

/** What a member's own phone does not offer. @throws ControlError 409. */
function demandAdmin(group: Group, actor: Account, isNeeded: boolean): void {
  if (isNeeded && !isAdmin(group, actor))
    throw new ControlError(409, 'admins_only', `${actor.number} is no admin of the group`);
}

function addSettings(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  router.put('/groups/:id/subject', (request, response) => {
    const { actor: number, subject } = parse(subjectSchema, request.body);
    const actor = accountOf(deps, number);
    const group = groupOf(deps, request.params.id, actor);
    demandAdmin(group, actor, group.isLocked);
    changeSubject({ world, group, actor }, subject);
    response.json(viewGroup(group));
  });
  router.patch('/groups/:id/settings', (request, response) => {
    const { actor: number, description, ...switches } = parse(groupSettingsSchema, request.body);
    const actor = accountOf(deps, number);
    const group = groupOf(deps, request.params.id, actor);
    demandAdmin(
      group,
      actor,
      group.isLocked || Object.keys(switches).some((name) => name !== 'ephemeralSeconds'),
    );
    const scene = { world, group, actor };
    changeSwitches(scene, switches);
    if (description !== undefined) changeDescription(scene, newMessageId(), description);
    response.json(viewGroup(group));
  });
  router.post('/groups/joins', (request, response) => {
    const { number, code } = parse(joinSchema, request.body);
    const answer = joinByLink(world, accountOf(deps, number), code);
    if (!Array.isArray(answer)) {
      const { text = 'unknown' } = answer ?? {};
      throw new ControlError(409, 'not_joined', `the link does not let ${number} in: ${text}`);
    }
    response.status(201).json({ state: answer[0]?.tag === 'group' ? 'joined' : 'requested' });
  });
}

/** Adds the routes. */
export function addGroupRoutes(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  addSettings(router, deps);
  router.post('/groups', (request, response) => {
    const wanted = parse(newGroupSchema, request.body);
    const actor = accountOf(deps, wanted.creator);
    for (const number of wanted.members) accountOf(deps, number);
    const group = world.groups.create(wanted);
    announceCreation({ world, group, actor });
    response.status(201).json(viewGroup(group));
  });
  router.get('/groups/:id', (request, response) => {
    response.json(viewGroup(groupOf(deps, request.params.id)));
  });
  router.post('/groups/:id/members', (request, response) => {
    const group = groupOf(deps, request.params.id);
    const { actor, action, members } = parse(groupChangeSchema, request.body);
    const accounts = members.map((number) => accountOf(deps, number));
    changeMembers({ world, group, actor: accountOf(deps, actor) }, action, accounts);
    response.json(viewGroup(group));
  });
  router.post('/groups/:id/messages', async (request, response) => {
    const { from: number, text, content, waId } = parse(groupMessageSchema, request.body);
    const from = accountOf(deps, number);
    const group = groupOf(deps, request.params.id, from);
    demandAdmin(group, from, group.isAnnouncement);
    const conversation = { world, from, to: from, addressing: group.addressing, group: group.id };
    const made = toMessage(conversation, { text, content });
    response.status(201).json({ waId: await sendToGroup(world, { from, group, ...made, waId }) });
  });
}
