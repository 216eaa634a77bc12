/**
 * The node Session QR: what n8n shows, and the table of its operations (in operations/).
 * Must not hold logic.
 */
import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';

import { testSluiceApi } from '../shared/credentialTest';
import { fieldsOf, runOperation, type OperationTable } from '../shared/operation';
import { searchSessions } from '../shared/sessionLocator';
import { getPairingCode, waitUntilConnected } from './operations/connect';
import { getQr } from './operations/getQr';
import { deleteSession, get, getLimits, getMany, logout, restart } from './operations/manage';

const operations: OperationTable = {
  connection: { getPairingCode, getQr, waitUntilConnected },
  session: { delete: deleteSession, get, getLimits, getMany, logout, restart },
};

export class SessionQr implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sluice Session QR',
    name: 'sessionQr',
    icon: { light: 'file:sessionQr.svg', dark: 'file:sessionQr.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] }}',
    description: 'Link a WhatsApp number to your own Sluice gateway by QR code, and look after its session',
    defaults: { name: 'Session QR' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'sluiceApi', required: true, testedBy: 'sluiceApiTest' }],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        default: 'connection',
        options: [
          { name: 'Connection', value: 'connection', description: 'Link a phone' },
          { name: 'Session', value: 'session', description: 'Look at sessions and manage them' },
        ],
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        default: 'getQr',
        displayOptions: { show: { resource: ['connection'] } },
        options: [
          {
            name: 'Get Pairing Code',
            value: 'getPairingCode',
            action: 'Get a pairing code',
            description: 'Link a phone by typing a code',
          },
          {
            name: 'Get QR Code',
            value: 'getQr',
            action: 'Get a QR code',
            description: 'Create or reuse a session and get its QR code as a picture',
          },
          {
            name: 'Wait Until Connected',
            value: 'waitUntilConnected',
            action: 'Wait until a session is connected',
            description: 'Go on when the phone is linked',
          },
        ],
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        default: 'get',
        displayOptions: { show: { resource: ['session'] } },
        options: [
          {
            name: 'Delete',
            value: 'delete',
            action: 'Delete a session',
            description: 'Remove the session and its login from the gateway',
          },
          {
            name: 'Get',
            value: 'get',
            action: 'Get a session',
            description: 'See the status of a session and why',
          },
          {
            name: 'Get Limits',
            value: 'getLimits',
            action: 'Get the limits of a session',
            description: 'See how many messages can still be sent',
          },
          {
            name: 'Get Many',
            value: 'getMany',
            action: 'Get many sessions',
            description: 'List the sessions',
          },
          {
            name: 'Log Out',
            value: 'logout',
            action: 'Log out a session',
            description: 'Unlink the phone; a new QR code is needed afterwards',
          },
          {
            name: 'Restart',
            value: 'restart',
            action: 'Restart a session',
            description: 'Close the connection and open it again',
          },
        ],
      },
      ...fieldsOf(operations),
    ],
  };

  methods = { credentialTest: { sluiceApiTest: testSluiceApi }, listSearch: { searchSessions } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runOperation(this, operations);
  }
}
