/**
 * Groups, presence and read receipts on the wire. Used by routes/chats.
 */
import { z } from 'zod';
import { GROUP_ROLES, type Group } from '../../domain/group.js';
import { CHAT_STATES } from '../../whatsapp/types.js';
import { anyId, sessionId, time, toNullableTime } from './common.js';

const phone = z.string().nullable().meta({ description: 'Digits without +; null: WhatsApp does not tell' });
const lid = z.string().nullable();

export const groupParams = z.strictObject({
  id: sessionId,
  jid: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'JID of the group', example: '120363041234567890@g.us' }),
});

export const group = z
  .strictObject({
    jid: z.string(),
    subject: z.string(),
    description: z.string().nullable(),
    owner: z.strictObject({ phone, lid }).nullable(),
    createdAt: time.nullable(),
    size: z.int(),
    announce: z.boolean().meta({ description: 'Only admins may write' }),
    locked: z.boolean().meta({ description: 'Only admins may change subject and description' }),
    disappearingSeconds: z.int().nullable(),
    participants: z.array(z.strictObject({ jid: z.string(), phone, lid, role: z.enum(GROUP_ROLES) })),
  })
  .meta({ id: 'Group' });
export const groups = z
  .strictObject({ data: z.array(group), nextCursor: z.null() })
  .meta({ id: 'GroupList' });

/** Other APIs' words for the same states. */
const SYNONYMS: Record<string, string> = { composing: 'typing', online: 'available', offline: 'unavailable' };
const STATES = [...CHAT_STATES, ...Object.keys(SYNONYMS)];
const SHOWN_TO_ALL: readonly string[] = ['available', 'unavailable'];

export const presence = z
  .strictObject({
    chat: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'Phone number or JID; not needed for available and unavailable' }),
    state: z
      .enum(STATES)
      .transform((state) => SYNONYMS[state] ?? state)
      .pipe(z.enum(CHAT_STATES))
      .meta({ override: { type: 'string', enum: STATES } }),
  })
  .refine(({ chat, state }) => chat !== undefined || SHOWN_TO_ALL.includes(state), {
    error: 'is required for what is shown in a chat',
    path: ['chat'],
  })
  .meta({ id: 'Presence' });
export const shownPresence = z
  .strictObject({ chat: z.string().nullable(), state: z.enum(CHAT_STATES) })
  .meta({ id: 'ShownPresence' });

const MAX_READ = 500;
export const read = z
  .strictObject({
    messageIds: z
      .array(anyId)
      .min(1)
      .max(MAX_READ)
      .meta({ description: '`messageId` of `message.received` events' }),
  })
  .meta({ id: 'Read' });
export const markedRead = z.strictObject({ messageIds: z.array(z.string()) }).meta({ id: 'MarkedRead' });

export const toGroup = (found: Group): z.output<typeof group> => ({
  ...found,
  createdAt: toNullableTime(found.createdAt),
});
