/**
 * POST /v1/messages/batch on the wire. The messages are checked one by one (routes/batch), so that a bad one refuses
 * itself and not the whole batch.
 */
import { z } from 'zod';
import { idempotencyKey } from './messages.js';
import { sessionId } from './common.js';

const MAX_MESSAGES = 10_000;

const fields = z.record(z.string(), z.unknown());

export const newBatch = z
  .strictObject({
    sessionId: sessionId.optional().meta({ description: 'For messages that name none' }),
    defaults: fields
      .optional()
      .meta({ description: 'Fields of a message; a field that a message has itself wins as a whole' }),
    messages: z
      .array(
        z.unknown().meta({ description: 'As in POST /v1/messages, with an `idempotencyKey` of its own' }),
      )
      .min(1)
      .max(MAX_MESSAGES),
  })
  .meta({ id: 'NewBatch' });
export type NewBatch = z.output<typeof newBatch>;

/** A message of a batch before its defaults: an object, with or without a key. */
export const batchItem = z.looseObject({ idempotencyKey: idempotencyKey.optional() });

export const batchAnswer = z
  .strictObject({
    accepted: z.int(),
    rejected: z.array(z.strictObject({ index: z.int(), code: z.string(), message: z.string() })),
    ids: z
      .array(z.string().nullable())
      .meta({ description: 'Beside the messages of the request: null where one was rejected' }),
  })
  .meta({ id: 'BatchAnswer' });
export type BatchAnswer = z.output<typeof batchAnswer>;
