/**
 * Sends what an operation reads from its fields, one by one or in batches, and gives each item its own output.
 * Used by every sending operation of Send Message and Send Media.
 */
import {
  NodeApiError,
  type IDataObject,
  type IExecuteFunctions,
  type INodeExecutionData,
} from 'n8n-workflow';

import { errorOfItem, failureOf, type GatewayFailure } from '../errors';
import { idempotencyKey } from '../idempotency';
import { failureOutput, forEachItem, outputOf } from '../items';
import { createPatience, type Patience } from '../patience';
import { sendBatch, toBatches, type Entry, type Outcome } from './batch';
import { readEnvelope, readMaxWaitSeconds, readOptions } from './envelope';
import { sendMessage } from './send';
import { toText } from '../text';
import { valueReader } from '../values';

/** The content of one item: `type`, the member named by it, and `context` for a quote. */
export type ReadContent = (
  context: IExecuteFunctions,
  itemIndex: number,
  patience: Patience,
) => IDataObject | Promise<IDataObject>;

const DEFAULT_BATCH_SIZE = 500;
const UNREACHABLE_CODES = new Set(['recipient_not_on_whatsapp', 'recipient_opted_out']);

/** The output for a recipient that may be skipped, or undefined when the error counts. */
function skippedOutput(
  context: IExecuteFunctions,
  error: unknown,
  itemIndex: number,
): INodeExecutionData | undefined {
  const { code, said } = failureOf(error) ?? {};
  if (code === undefined || !UNREACHABLE_CODES.has(code)) return undefined;
  if (readOptions(context, itemIndex).skipUnreachable !== true) return undefined;
  const to = toText(context.getNodeParameter('to', itemIndex, ''));
  return outputOf({ to, status: 'skipped', code, message: said }, itemIndex);
}

async function deliverOneByOne(
  context: IExecuteFunctions,
  readContent: ReadContent,
): Promise<INodeExecutionData[]> {
  const patience = createPatience(readMaxWaitSeconds(context));
  return await forEachItem(context, async (itemIndex) => {
    const body = {
      ...readEnvelope(context, itemIndex),
      ...(await readContent(context, itemIndex, patience)),
    };
    try {
      const message = await patience.attempt(() => sendMessage(context, body, itemIndex));
      return outputOf(message, itemIndex);
    } catch (error) {
      const skipped = skippedOutput(context, error, itemIndex);
      if (skipped === undefined) throw errorOfItem(context.getNode(), error, itemIndex);
      return skipped;
    }
  });
}

interface ReadItems {
  entries: Entry[];
  outcomes: Outcome[];
}

/** Reads all items before the first request, so that a bad row stops the run while nothing is sent yet. */
async function readItems(
  context: IExecuteFunctions,
  readContent: ReadContent,
  patience: Patience,
): Promise<ReadItems> {
  const read: ReadItems = { entries: [], outcomes: [] };
  for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
    try {
      const { sessionId, ...envelope } = readEnvelope(context, itemIndex);
      const message: IDataObject = { ...envelope, ...(await readContent(context, itemIndex, patience)) };
      const key = idempotencyKey(context, itemIndex);
      if (key !== undefined) message.idempotencyKey = key;
      read.entries.push({ itemIndex, sessionId: sessionId as string | undefined, message });
    } catch (error) {
      if (!context.continueOnFail()) throw errorOfItem(context.getNode(), error, itemIndex);
      read.outcomes.push({ itemIndex, error });
    }
  }
  return read;
}

/** Without "On Error: Continue" the node fails, after everything that can go has gone. */
function refusalOfSome(
  context: IExecuteFunctions,
  failed: Array<{ itemIndex: number; error: unknown }>,
): NodeApiError | undefined {
  const [first] = failed;
  if (first === undefined || context.continueOnFail()) return undefined;
  const cause = errorOfItem(context.getNode(), first.error, first.itemIndex);
  const total = context.getInputData().length;
  const message =
    failed.length === total && total === 1
      ? cause.message
      : `${failed.length} of ${total} messages were refused, the others are queued. First, item ${first.itemIndex}: ${cause.message} Set "On Error" to continue for an outcome per item; running again sends none twice.`;
  const error = new NodeApiError(context.getNode(), { code: failureOf(first.error)?.code ?? 'refused' });
  const failure: GatewayFailure | undefined = failureOf(first.error);
  error.message = message;
  error.description = cause.description;
  error.httpCode = failure === undefined || failure.status < 400 ? null : String(failure.status);
  error.context.itemIndex = first.itemIndex;
  error.context.gateway = failure === undefined ? undefined : { ...failure };
  return error;
}

const isLater = (sendAt: unknown): boolean => typeof sendAt === 'string' && Date.parse(sendAt) > Date.now();

async function deliverInBatches(
  context: IExecuteFunctions,
  readContent: ReadContent,
): Promise<INodeExecutionData[]> {
  const patience = createPatience(readMaxWaitSeconds(context));
  const { entries, outcomes } = await readItems(context, readContent, patience);
  const size = readOptions(context, 0).batchSize ?? DEFAULT_BATCH_SIZE;
  for (const batch of toBatches(entries, size)) outcomes.push(...(await sendBatch(context, batch, patience)));

  const sent = new Map(entries.map(({ itemIndex, message }) => [itemIndex, message]));
  const failed: Array<{ itemIndex: number; error: unknown }> = [];
  const output = outcomes
    .sort((a, b) => a.itemIndex - b.itemIndex)
    .map((outcome) => {
      const { itemIndex } = outcome;
      if (!('error' in outcome)) {
        const { to, type, reference, sendAt } = sent.get(itemIndex) ?? {};
        const status = isLater(sendAt) ? 'scheduled' : 'queued';
        return outputOf({ id: outcome.id, status, to, type, reference }, itemIndex);
      }
      const skipped = skippedOutput(context, outcome.error, itemIndex);
      if (skipped !== undefined) return skipped;
      failed.push(outcome);
      return failureOutput(context, outcome.error, itemIndex);
    });
  const refusal = refusalOfSome(context, failed);
  if (refusal !== undefined) throw refusal;
  return output;
}

/** Sends the messages of all items and returns one output per item. */
export async function deliver(
  context: IExecuteFunctions,
  readContent: ReadContent,
): Promise<INodeExecutionData[]> {
  const inBatches = valueReader(context, 0).truth(
    context.getNodeParameter('sendInBatches', 0, false),
    'Send in Batches',
  );
  // A dry run answers for each message by itself; the gateway stores nothing that could come as a batch.
  return inBatches === true && readOptions(context, 0).dryRun !== true
    ? await deliverInBatches(context, readContent)
    : await deliverOneByOne(context, readContent);
}
