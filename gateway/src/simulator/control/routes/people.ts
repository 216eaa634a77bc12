/**
 * Control routes for what people do with their phones beside writing: presence, calls, a new phone, companions, no network;
 * and for what WhatsApp does to an account.
 */
import type { Router } from 'express';
import { signalCall } from '../../calls.js';
import { isGroup } from '../../directory/address.js';
import { addCompanion, announceRestrictions, reinstall, removeCompanion } from '../../directory/changes.js';
import { showInGroup, showPresence } from '../../presence.js';
import { isoNow } from '../../records/records.js';
import type { ControlDeps } from '../app.js';
import { notFound, parse } from '../problem.js';
import { callSchema, onlineSchema, presenceSchema, reinstallSchema, restrictionsSchema } from '../schemas.js';
import { viewAccount } from '../views.js';
import { accountOf } from './accounts.js';
import { groupOf } from './groups.js';

function addDeviceRoutes(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  router.put('/accounts/:number/online', (request, response) => {
    const account = accountOf(deps, request.params.number);
    const { online, durationMs } = parse(onlineSchema, request.body);
    account.online.set(online, durationMs);
    response.json(viewAccount(account));
  });
  router.post('/contacts/:number/reinstall', (request, response) => {
    const account = accountOf(deps, request.params.number, 'contact');
    reinstall(world, account, parse(reinstallSchema, request.body).announce);
    response.json(viewAccount(account));
  });
  router.post('/contacts/:number/companions', (request, response) => {
    const account = accountOf(deps, request.params.number, 'contact');
    addCompanion(world, account);
    response.status(201).json(viewAccount(account));
  });
  router.delete('/contacts/:number/companions/:device', (request, response) => {
    const account = accountOf(deps, request.params.number, 'contact');
    if (!removeCompanion(world, account, Number(request.params.device))) {
      throw notFound(`companion ${request.params.device} of ${account.number}`);
    }
    response.status(204).end();
  });
}

/** Adds the routes. */
export function addPeopleRoutes(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  addDeviceRoutes(router, deps);
  router.post('/contacts/:number/presence', (request, response) => {
    const from = accountOf(deps, request.params.number);
    const { to, type } = parse(presenceSchema, request.body);
    if (isGroup(to)) showInGroup(world, { from, group: groupOf(deps, to, from) }, type);
    else showPresence(from, accountOf(deps, to), type);
    world.records.shown.add({ from: from.number, to, type, at: isoNow() });
    response.status(204).end();
  });
  router.post('/phones/:number/calls', (request, response) => {
    const to = accountOf(deps, request.params.number);
    const { from, ...call } = parse(callSchema, request.body);
    response.status(201).json({ callId: signalCall({ from: accountOf(deps, from), to, ...call }) });
  });
  router.put('/phones/:number/restrictions', (request, response) => {
    const account = accountOf(deps, request.params.number);
    const { timelock, capping } = parse(restrictionsSchema, request.body);
    const { restrictions } = account;
    if (timelock === null) restrictions.timelock = undefined;
    else if (timelock) {
      const { durationMs, enforcementType } = timelock;
      restrictions.timelock = { endsAt: Date.now() + durationMs, enforcementType };
    }
    Object.assign(restrictions.capping, capping);
    announceRestrictions(account);
    response.status(204).end();
  });
}
