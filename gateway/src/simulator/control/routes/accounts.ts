/**
 * Control routes for phones and contacts: create, look up, remove, policy, scan a QR code, unlink a device.
 */
import type { Router } from 'express';
import type { Account, AccountKind, NewAccount } from '../../directory/directory.js';
import { unlinkDevice } from '../../login/login.js';
import type { PairedDevice, PairingRefusal, PairingResult } from '../../pairing/pairing.js';
import { readQrPicture } from '../../pairing/qrPicture.js';
import type { ControlDeps } from '../app.js';
import { ControlError, notFound, parse } from '../problem.js';
import { codeSchema, newContactsSchema, newPhoneSchema, policySchema, scanSchema } from '../schemas.js';
import { viewAccount } from '../views.js';

const REFUSALS: Record<PairingRefusal, [number, string]> = {
  not_a_qr: [422, 'this text is not a pairing QR code'],
  unknown_ref: [
    409,
    'the code is not shown by any client now: it was scanned already, has expired, or its client is gone',
  ],
  wrong_keys: [422, 'the keys in the code are not those of the client that shows it'],
  no_code: [409, 'no client shows a code for this number now'],
  wrong_code: [422, 'this is not the code that the client shows'],
  no_answer: [504, 'the client did not answer the pairing'],
  bad_signature: [502, 'the client signed its identity wrongly'],
};

/** The account of that number and kind. @throws ControlError 404. */
export function accountOf({ world }: ControlDeps, number: string, kind?: AccountKind): Account {
  const account = world.directory.byNumber(number);
  if (!account || (kind && account.kind !== kind)) throw notFound(`${kind ?? 'account'} ${number}`);
  return account;
}

/** Adds all or, when a number is taken, none. */
function addAccounts({ world }: ControlDeps, accounts: NewAccount[]): Account[] {
  const numbers = accounts.flatMap(({ number, alsoNumbers = [] }) => [number, ...alsoNumbers]);
  const taken = numbers.find(
    (number, index) => world.directory.meantBy(number) ?? numbers.indexOf(number) < index,
  );
  if (taken) throw new ControlError(409, 'number_taken', `the number ${taken} exists already`);
  return accounts.map((account) => world.directory.add(account));
}

/** The refusal in words. */
export function refusePairing(refused: PairingRefusal): ControlError {
  const [status, detail] = REFUSALS[refused];
  return new ControlError(status, refused, detail);
}

function pairedOrThrow(result: PairingResult): PairedDevice {
  if ('paired' in result) return result.paired;
  throw refusePairing(result.refused);
}

/** The text of the code: as given, or read from the picture of it. @throws ControlError 422 without one */
async function codeText({ qr, picture }: { qr?: string | undefined; picture?: string | undefined }) {
  if (qr !== undefined) return qr;
  const found = await readQrPicture(Buffer.from(picture ?? '', 'base64'));
  if (found !== undefined) return found;
  throw new ControlError(422, 'no_qr_found', 'there is no readable QR code in this picture');
}

function addPhoneRoutes(router: Router, deps: ControlDeps): void {
  const { world, pairing } = deps;
  router.post('/phones', (request, response) => {
    const wanted = parse(newPhoneSchema, request.body);
    const views = addAccounts(deps, [{ kind: 'phone', ...wanted }]).map(viewAccount);
    response.status(201).json(views[0]);
  });
  router.post('/phones/:number/scan', async (request, response) => {
    const account = accountOf(deps, request.params.number);
    const qrText = await codeText(parse(scanSchema, request.body));
    response.json(pairedOrThrow(await pairing.scan(account, qrText)));
  });
  router.post('/phones/:number/code', async (request, response) => {
    const account = accountOf(deps, request.params.number);
    response.json(pairedOrThrow(await pairing.enterCode(account, parse(codeSchema, request.body).code)));
  });
  router.delete('/phones/:number/devices/:device', (request, response) => {
    const account = accountOf(deps, request.params.number);
    if (!unlinkDevice(world, account, Number(request.params.device))) {
      throw notFound(`linked device ${request.params.device} of ${account.number}`);
    }
    response.status(204).end();
  });
}

function addContactRoutes(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  router.post('/contacts', (request, response) => {
    const wanted = parse(newContactsSchema, request.body);
    const list = Array.isArray(wanted) ? wanted : [wanted];
    const accounts = list.map((contact) => ({ kind: 'contact' as const, ...contact }));
    const views = addAccounts(deps, accounts).map(viewAccount);
    response.status(201).json(Array.isArray(wanted) ? views : views[0]);
  });
  router.patch('/contacts/:number/policy', (request, response) => {
    const account = accountOf(deps, request.params.number);
    Object.assign(account.policy, parse(policySchema, request.body));
    response.json(viewAccount(account));
  });
  router.delete('/contacts/:number', (request, response) => {
    accountOf(deps, request.params.number, 'contact');
    world.directory.remove(request.params.number);
    response.status(204).end();
  });
}

/** Adds the routes. */
export function addAccountRoutes(router: Router, deps: ControlDeps): void {
  addPhoneRoutes(router, deps);
  addContactRoutes(router, deps);
  for (const [path, kind] of [
    ['/phones', 'phone'],
    ['/contacts', 'contact'],
  ] as const) {
    router.get(path, (_request, response) => {
      const accounts = deps.world.directory.all().filter((account) => account.kind === kind);
      response.json({ items: accounts.map(viewAccount) });
    });
    router.get(`${path}/:number`, (request, response) => {
      response.json(viewAccount(accountOf(deps, request.params.number, kind)));
    });
  }
}
