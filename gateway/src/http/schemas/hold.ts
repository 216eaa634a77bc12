/**
 * Why something waits, on the wire. Used by the schemas of sessions, messages and limits.
 */
import { z } from 'zod';
import type { Hold } from '../../domain/message.js';
import { time, toNullableTime } from './common.js';

export const hold = z
  .strictObject({ code: z.string(), message: z.string(), until: time.nullable() })
  .meta({ id: 'Hold', description: 'Why nothing is sent at the moment' });

export const toHold = ({ code, message, until }: Hold): z.output<typeof hold> => ({
  code,
  message,
  until: toNullableTime(until),
});
