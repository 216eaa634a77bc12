/**
 * The loop over input items that every action node uses: links each output to its input, names the item in
 * errors and, with "On Error: Continue", turns an error into an output item.
 * Must not know what the work is.
 */
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { errorOfItem, failureOf } from './errors';

type ItemResult = INodeExecutionData | INodeExecutionData[];

/** `data` as the output of one input item. */
export function outputOf(data: object, itemIndex: number): INodeExecutionData {
  return { json: data as IDataObject, pairedItem: { item: itemIndex } };
}

/**
 * The output item for an error. n8n sends it to the error output only when `error` is its only member,
 * so the code and status are added for the regular output alone.
 */
export function failureOutput(
  context: IExecuteFunctions,
  error: unknown,
  itemIndex: number,
): INodeExecutionData {
  const { message } = errorOfItem(context.getNode(), error, itemIndex);
  const failure = failureOf(error);
  const json: IDataObject = { error: message };
  if (failure !== undefined && context.getNode().onError !== 'continueErrorOutput') {
    json.code = failure.code;
    json.httpCode = failure.status;
    if (failure.retryAfterSeconds !== undefined) json.retryAfterSeconds = failure.retryAfterSeconds;
  }
  return { json, pairedItem: { item: itemIndex } };
}

/** Runs `work` for each input item, in order, until the execution is cancelled. */
export async function forEachItem(
  context: IExecuteFunctions,
  work: (itemIndex: number) => Promise<ItemResult>,
): Promise<INodeExecutionData[]> {
  const output: INodeExecutionData[] = [];
  for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
    if (context.getExecutionCancelSignal()?.aborted === true) break;
    try {
      const result = await work(itemIndex);
      output.push(...(Array.isArray(result) ? result : [result]));
    } catch (error) {
      if (!context.continueOnFail()) throw errorOfItem(context.getNode(), error, itemIndex);
      output.push(failureOutput(context, error, itemIndex));
    }
  }
  return output;
}
