/**
 * What people do with their phones, as calls of the control API. No drawing here.
 */
import { call, toBase64 } from './api.js';

/** Content of a message, as the control API takes it. */
export type Content = { kind: string } & Record<string, unknown>;

/** A phone, and a chat on it. */
export interface Place {
  number: string;
  chat: string;
}

const isGroup = (chat: string): boolean => chat.endsWith('@g.us');

/** The owner of the phone sends something in a chat. */
export function send({ number, chat }: Place, content: Content): Promise<unknown> {
  return isGroup(chat)
    ? call('POST', `/groups/${chat}/messages`, { from: number, content })
    : call('POST', `/phones/${number}/typed`, { to: chat, content });
}

const MEDIA: [RegExp, string][] = [
  [/^image\/(png|jpeg|webp|gif)$/, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
];

/** The control API takes 32 MB of JSON, and base64 makes a file a third larger. */
const MAX_FILE_BYTES = 20_000_000;

/** How a file is sent: with a caption, as something recorded just now, to be looked at once. */
export interface FileWishes {
  caption?: string;
  isVoice?: boolean;
  isViewOnce?: boolean;
}

function mediaKindOf({ type }: File, { isVoice = false }: FileWishes): string {
  const kind = MEDIA.find(([pattern]) => pattern.test(type))?.[1] ?? 'document';
  return kind === 'audio' && isVoice ? 'voice' : kind;
}

/** Sends a file as what it is: picture, video, audio or document. @throws Error when it is too large */
export async function sendFile(place: Place, file: File, wishes: FileWishes): Promise<void> {
  const { caption = '', isViewOnce = false } = wishes;
  if (file.size > MAX_FILE_BYTES) throw new Error('The file is larger than 20 MB. Choose a smaller one.');
  if (file.size === 0) throw new Error('The file is empty. Choose another one.');
  await send(place, {
    kind: 'media',
    media: mediaKindOf(file, wishes),
    base64: await toBase64(file),
    mimetype: file.type || 'application/octet-stream',
    fileName: file.name,
    ...(caption !== '' && { caption }),
    ...(isViewOnce && { viewOnce: true }),
  });
}

/** The owner looks at a chat: read receipts go out. */
export const readChat = ({ number, chat }: Place): Promise<unknown> =>
  call('POST', `/accounts/${number}/read`, { chat });

/** Shows typing to the other side, or to everybody in a group. */
export const showTyping = ({ number, chat }: Place, type: 'composing' | 'paused'): Promise<unknown> =>
  call('POST', `/contacts/${number}/presence`, { to: chat, type });

/** Calls the other side of a chat, or ends the call with this id. Answers the call's id. */
export async function signalCall(
  { number, chat }: Place,
  wishes: { video?: boolean; callId?: string; event?: 'terminate' },
): Promise<string> {
  const { callId } = await call<{ callId: string }>('POST', `/phones/${chat}/calls`, {
    from: number,
    ...wishes,
  });
  return callId;
}

/** What clients of the other side did about a call. */
export const answersTo = async (callId: string): Promise<string[]> => {
  const { items } = await call<{ items: { event: string }[] }>(
    'GET',
    `/calls?${new URLSearchParams({ callId, waitForCount: '1', timeoutMs: '20000' }).toString()}`,
  );
  return items.map(({ event }) => event);
};

export const linkByCode = (number: string, code: string): Promise<unknown> =>
  call('POST', `/phones/${number}/code`, { code });

export const linkByQr = (number: string, qr: string): Promise<unknown> =>
  call('POST', `/phones/${number}/scan`, { qr });

export const linkByPicture = async (number: string, picture: Blob): Promise<unknown> =>
  call('POST', `/phones/${number}/scan`, { picture: await toBase64(picture) });

export const unlink = (number: string, device: number): Promise<unknown> =>
  call('DELETE', `/phones/${number}/devices/${device}`);

export const setOnline = (number: string, online: boolean): Promise<unknown> =>
  call('PUT', `/accounts/${number}/online`, { online });

export const setPolicy = (
  number: string,
  policy: { delivered?: boolean; read?: boolean },
): Promise<unknown> => call('PATCH', `/contacts/${number}/policy`, policy);

/** Somebody new on the simulated network. */
export const createPerson = (
  kind: 'phone' | 'contact',
  person: { number: string; name: string },
): Promise<unknown> => call('POST', kind === 'phone' ? '/phones' : '/contacts', person);

/** Who is in a group, changed by the owner of the phone. */
export const changeMembers = (
  { number: actor, chat }: Place,
  action: 'add' | 'remove' | 'promote' | 'demote',
  members: string[],
): Promise<unknown> => call('POST', `/groups/${chat}/members`, { actor, action, members });

export const renameGroup = ({ number: actor, chat }: Place, subject: string): Promise<unknown> =>
  call('PUT', `/groups/${chat}/subject`, { actor, subject });

export const createGroup = (creator: string, subject: string, members: string[]): Promise<{ id: string }> =>
  call('POST', '/groups', { subject, creator, members });
