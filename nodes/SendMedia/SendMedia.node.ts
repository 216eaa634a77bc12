/**
 * The node Send Media: what n8n shows. Its fields and their reading are in media.ts.
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
import { sendOperation } from '../shared/outgoing/sendOperation';
import { searchSessions } from '../shared/sessionLocator';
import { mediaFields, mediaOptions, readMediaContent } from './media';

const sendMedia = sendOperation({
  fields: mediaFields,
  options: mediaOptions,
  quotes: true,
  read: readMediaContent,
});

export class SendMedia implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sluice Send Media',
    name: 'sendMedia',
    icon: { light: 'file:sendMedia.svg', dark: 'file:sendMedia.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle: '={{ $parameter["mediaKind"] === "media" ? "file" : $parameter["mediaKind"] }}',
    description:
      'Send pictures, videos, voice notes and documents by WhatsApp through your own Sluice gateway',
    defaults: { name: 'Send Media' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'sluiceApi', required: true, testedBy: 'sluiceApiTest' }],
    properties: [...sendMedia.fields],
  };

  methods = { credentialTest: { sluiceApiTest: testSluiceApi }, listSearch: { searchSessions } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await sendMedia.execute(this)];
  }
}
