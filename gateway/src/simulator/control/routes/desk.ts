/**
 * Control routes that the phone page lives on: the desk with its phones as they look now (with a wait until they look
 * different), reading a chat, the files in it, and codes that devices show.
 */
import type { Response, Router } from 'express';
import { proto } from '@whiskeysockets/baileys';
import { openMedia } from '../../media/mediaMessage.js';
import type { Account } from '../../directory/directory.js';
import { deskOf, tagOf } from '../../phone/desk.js';
import { readChat } from '../../phone/reading.js';
import type { World } from '../../world.js';
import type { ControlDeps } from '../app.js';
import { notFound, parse } from '../problem.js';
import { chatSchema, deskQuery, shownCodeSchema } from '../deskSchemas.js';
import { accountOf, refusePairing } from './accounts.js';

/** What a browser may show inside a page; everything else it may only save. */
const SHOWABLE = /^(image\/(png|jpeg|webp|gif)|audio\/|video\/)/;

/** The protobuf of a message that this phone holds. */
function messageAt({ records }: World, { number }: Account, waId: string): proto.IMessage | undefined {
  const seen = records.messages.all().find((record) => record.to === number && record.waId === waId);
  if (seen) return proto.Message.fromObject(seen.message);
  return records.written.all().find((record) => record.from === number && record.waId === waId)?.content;
}

function sendFile(response: Response, { mimetype, bytes }: { mimetype: string; bytes: Buffer }): void {
  const isShowable = SHOWABLE.test(mimetype);
  response
    .set({
      'Content-Type': isShowable ? mimetype : 'application/octet-stream',
      'Content-Disposition': isShowable ? 'inline' : 'attachment',
      // A file from a chat is nobody's page, whatever it says it is.
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    })
    .send(bytes);
}

/** Adds the routes. */
export function addDeskRoutes(router: Router, deps: ControlDeps): void {
  const { world, pairing } = deps;
  router.get('/desk', async (request, response) => {
    const { tag: seenTag, timeoutMs, ...wanted } = parse(deskQuery, request.query);
    const look = () => {
      const desk = deskOf(world, pairing.waiting(), wanted);
      return { tag: tagOf(desk), ...desk };
    };
    const changed = await world.changes.waitFor(() => {
      const desk = look();
      return desk.tag === seenTag ? undefined : desk;
    }, timeoutMs);
    response.json(changed ?? look());
  });
  router.post('/accounts/:number/read', (request, response) => {
    const account = accountOf(deps, request.params.number);
    response.json({ read: readChat(world, account, parse(chatSchema, request.body).chat) });
  });
  router.get('/accounts/:number/files/:waId', (request, response) => {
    const { number, waId } = request.params;
    const message = messageAt(world, accountOf(deps, number), waId);
    const file = message && openMedia(world.media, message);
    if (!file) throw notFound(`file in message ${waId} at ${number}`);
    sendFile(response, file);
  });
  router.post('/codes', (request, response) => {
    const refused = pairing.show(parse(shownCodeSchema, request.body));
    if (refused) throw refusePairing(refused);
    response.status(204).end();
  });
}
