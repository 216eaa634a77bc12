/**
 * What a request says, as the outbox takes it: files fetched and stored, people's numbers parsed, contacts as vCards.
 * Used by routes/messages and routes/batch.
 */
import { parseRecipient } from '../domain/address.js';
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import { STILL_GIF } from '../domain/warning.js';
import { asKind, kindOf } from '../media/kinds.js';
import type { MediaFile, MediaKind, MediaRole, MediaUse } from '../media/types.js';
import type { MediaContent, MediaPart } from '../domain/message.js';
import type { OpenLinkedFile } from '../outbox/ports.js';
import type { FileContent, NewContent } from '../outbox/types.js';
import type { HttpDeps } from './deps.js';
import type { NewMessageBody } from './schemas/messages.js';
import { contactOf, contactOfVcard } from './vcard.js';

interface FileBody {
  link?: string | undefined;
  id?: string | undefined;
  data?: string | undefined;
  mimeType?: string | undefined;
  filename?: string | undefined;
}

type Look = Omit<MediaPart, 'mediaId' | 'mimeType'>;

async function fetchFile(
  { media }: Pick<HttpDeps, 'media'>,
  given: FileBody,
  { role, caller }: { role: MediaRole | null; caller: Caller },
): Promise<MediaFile> {
  const input = { kind: role, keyId: caller.keyId, mimeType: given.mimeType, filename: given.filename };
  if (given.link !== undefined) return media.fromLink(given.link, input);
  if (given.data !== undefined) return media.fromBase64(given.data, input);
  const file = await media.find(given.id ?? '');
  return role === null ? file : asKind(role, file);
}

function withFile(kind: MediaKind, part: MediaPart): MediaContent {
  switch (kind) {
    case 'image':
      return { type: kind, image: part };
    case 'video':
      return { type: kind, video: part };
    case 'audio':
      return { type: kind, audio: part };
    case 'document':
      return { type: kind, document: part };
    case 'sticker':
      return { type: kind, sticker: part };
  }
}

type Files = Extract<NewMessageBody, { type: MediaKind | 'media' }>;

function fileOf(body: Files): { given: FileBody & Look; kind: MediaKind | null } {
  switch (body.type) {
    case 'image':
      return { given: body.image, kind: body.type };
    case 'video':
      return { given: body.video, kind: body.type };
    case 'audio':
      return { given: body.audio, kind: body.type };
    case 'document':
      return { given: body.document, kind: body.type };
    case 'sticker':
      return { given: body.sticker, kind: body.type };
    case 'media':
      return { given: body.media, kind: null };
  }
}

function refuseCaption(kind: MediaKind, caption: string | undefined): void {
  if (caption === undefined || (kind !== 'audio' && kind !== 'sticker')) return;
  throw gatewayError('invalid_request', `The file is ${kind}, which cannot carry a caption.`, {
    errors: [{ path: 'media.caption', message: `cannot be shown with ${kind}` }],
  });
}

const roleOf = ({ kind, given }: Asked): MediaRole | null =>
  kind === 'video' && given.gif === true ? 'gif' : kind;

/** What the file has to be made fit for; null: it is sent as it is. */
function useOf(asked: Asked, { mimeType }: MediaFile): MediaUse | null {
  const role = roleOf(asked);
  if (role === 'sticker' || role === 'gif') return role;
  if (role === null) return mimeType === STILL_GIF ? 'gif' : null;
  return role === 'audio' && asked.given.voice === true ? 'voice' : null;
}

interface Asked {
  deps: Pick<HttpDeps, 'media'>;
  given: FileBody & Look;
  kind: MediaKind | null;
}

async function mediaContent(asked: Asked, original: MediaFile): Promise<MediaContent> {
  const { deps, given } = asked;
  const use = useOf(asked, original);
  const file = use === null ? original : await deps.media.fit(original, use);
  // A GIF that could not be made a video goes as what it is.
  const stands = use === 'gif' && file.mimeType === STILL_GIF;
  const kind = asked.kind === null || stands ? kindOf(file) : asked.kind;
  refuseCaption(kind, given.caption);
  const { caption, voice, viewOnce } = given;
  const gif = kind === 'video' && use === 'gif' ? true : undefined;
  const filename = kind === 'document' ? (given.filename ?? file.filename ?? undefined) : undefined;
  return withFile(kind, {
    mediaId: file.id,
    mimeType: file.mimeType,
    caption,
    filename,
    voice,
    gif,
    viewOnce,
  });
}

/** The file is fetched when the outbox asks for it; what this fetched and nothing was made of is removed again. */
function fileContent(deps: Pick<HttpDeps, 'media'>, body: Files, caller: Caller): FileContent {
  const { given, kind } = fileOf(body);
  let fetched: string | undefined;
  const drop = async (): Promise<void> => {
    if (fetched !== undefined) await deps.media.discard(fetched);
    fetched = undefined;
  };
  return {
    type: 'file',
    drop,
    async fetch() {
      const asked = { deps, given, kind };
      const file = await fetchFile(deps, given, { role: roleOf(asked), caller });
      if (given.id === undefined) fetched = file.id;
      try {
        return await mediaContent(asked, file);
      } catch (error) {
        await drop();
        throw error;
      }
    },
  };
}

/** The port of the outbox: a file of a campaign whose link has values of its recipient. */
export const linkedFiles =
  (deps: Pick<HttpDeps, 'media'>): OpenLinkedFile =>
  (body, caller) =>
    // Checked when the campaign was made, and its link when the values were put in.
    fileContent(deps, body as unknown as Files, caller);

function personJid(mention: string): string {
  const address = parseRecipient(mention);
  if (address.kind !== 'group') return address.jid;
  throw gatewayError('recipient_invalid', 'A group cannot be mentioned, only people.');
}

/**
 * The content of a checked request. Its file is not fetched yet: `fetch` does, and throws media_not_found,
 * media_unreachable, media_too_large, unsupported_media, target_not_allowed or invalid_request.
 * @throws GatewayError recipient_invalid
 */
export function contentOf(deps: HttpDeps, body: NewMessageBody, caller: Caller): NewContent | FileContent {
  switch (body.type) {
    case undefined:
    case 'text': {
      const { body: said, mentions, linkPreview } = body.text;
      const people = mentions && { mentions: mentions.map(personJid) };
      return { type: 'text', text: { body: said, ...people, linkPreview } };
    }
    case 'location':
      return { type: body.type, location: body.location };
    case 'contacts': {
      const given = body.contacts;
      const cards = 'vcard' in given ? [contactOfVcard(given.vcard)] : given.map(contactOf);
      return { type: body.type, contacts: cards };
    }
    case 'poll':
      return { type: body.type, poll: body.poll };
    case 'reaction':
      return { type: body.type, reaction: body.reaction };
    case 'edit':
      return { type: body.type, edit: body.edit };
    case 'revoke':
      return { type: body.type, revoke: body.revoke };
    default:
      return fileContent(deps, body, caller);
  }
}
