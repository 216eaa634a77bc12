/**
 * Bodies and queries of the control routes that the phone page lives on.
 */
import { z } from 'zod';
import { waitMs } from './filters.js';
import { name, qr } from './schemas.js';

/** A code that is on a screen somewhere, in sight of the phones. */
export const shownCodeSchema = z.strictObject({ qr, label: name });

export const chatSchema = z.strictObject({ chat: z.string().min(1).max(100) });

/** `number` or `number/chat`. */
const openPhone = z
  .string()
  .regex(/^\d{6,15}(\/.{1,100})?$/)
  .transform((text) => {
    const [number = '', chat = ''] = text.split('/');
    return { number, chat: chat === '' ? null : chat };
  });

export const deskQuery = z.strictObject({
  timeoutMs: waitMs,
  /** The desk that the caller has; the answer comes when it looks different. */
  tag: z.string().max(100).optional(),
  /** The phones that are looked at, each with the chat that is open on it. */
  open: z.union([z.array(openPhone).max(8), openPhone.transform((phone) => [phone])]).default([]),
  search: z.string().max(100).default(''),
});

export type ShownCodeRequest = z.input<typeof shownCodeSchema>;
