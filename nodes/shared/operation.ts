/**
 * What an operation of a node is: its fields beside the code that reads them.
 * Nodes pick one by resource and operation; see SendMessage.node.ts and SessionQr.node.ts.
 */
import {
  NodeOperationError,
  updateDisplayOptions,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';

export interface Operation {
  fields: INodeProperties[];
  execute(context: IExecuteFunctions): Promise<INodeExecutionData[]>;
}

/** Operations by resource, then by the value of the operation field. */
export type OperationTable = Record<string, Record<string, Operation>>;

/** The fields of all operations, each shown for its own only. */
export function fieldsOf(table: OperationTable): INodeProperties[] {
  return Object.entries(table).flatMap(([resource, operations]) =>
    Object.entries(operations).flatMap(([operation, { fields }]) =>
      updateDisplayOptions({ show: { resource: [resource], operation: [operation] } }, fields),
    ),
  );
}

/** Runs the chosen operation on all input items. */
export async function runOperation(
  context: IExecuteFunctions,
  table: OperationTable,
): Promise<INodeExecutionData[][]> {
  const resource: string = context.getNodeParameter('resource', 0);
  const operation: string = context.getNodeParameter('operation', 0);
  const chosen = table[resource]?.[operation];
  if (chosen === undefined) {
    throw new NodeOperationError(
      context.getNode(),
      `This node has no operation "${operation}" for "${resource}". Choose one from the list.`,
    );
  }
  return [await chosen.execute(context)];
}
