/**
 * Send Media: its fields, and reading them into the content of a message. A file from n8n is uploaded first,
 * as a stream where n8n holds one, so that large files never fill the memory.
 */
import {
  NodeOperationError,
  type IDataObject,
  type IExecuteFunctions,
  type INodeProperties,
} from 'n8n-workflow';

import { readText, withoutUndefined } from '../shared/outgoing/envelope';
import type { Patience } from '../shared/patience';
import { gatewayRequest } from '../shared/transport';
import type { Media } from '../shared/wire';
import { toText } from '../shared/text';

const UPLOAD_TIMEOUT_MS = 300_000;

interface Source {
  /** Where the file is, as the gateway wants it said. */
  member: IDataObject;
  filename?: string;
  mimeType?: string;
}

/** Uploads the binary of one item. */
async function uploadFile(context: IExecuteFunctions, itemIndex: number, property: string): Promise<Media> {
  const binary = context.helpers.assertBinaryData(itemIndex, property);
  const body =
    binary.id === undefined
      ? await context.helpers.getBinaryDataBuffer(itemIndex, property)
      : await context.helpers.getBinaryStream(binary.id);
  const answer = await gatewayRequest<Media>(context, {
    method: 'POST',
    path: '/v1/media',
    headers: { 'Content-Type': binary.mimeType },
    body,
    timeoutMs: UPLOAD_TIMEOUT_MS,
  });
  return answer.body;
}

/**
 * The binary of one item as a file of the gateway. "Retry On Fail" finds the file it uploaded before: another id
 * would be another message under the same idempotency key, which the gateway refuses.
 */
async function upload(context: IExecuteFunctions, itemIndex: number, patience: Patience): Promise<Source> {
  const property = readText(context, itemIndex, {
    name: 'binaryProperty',
    label: 'Input Binary Field',
  }).trim();
  const { fileName } = context.helpers.assertBinaryData(itemIndex, property);
  const uploads = context.getContext('node');
  const key = `upload:${toText(context.getWorkflowDataProxy(itemIndex).$runIndex)}:${itemIndex}:${property}`;
  // A stream can be read once only: each attempt opens its own.
  uploads[key] ??= await patience.attempt(() => uploadFile(context, itemIndex, property));
  const media = uploads[key] as Media;
  return { member: { id: media.id }, filename: fileName, mimeType: media.mimeType };
}

function readLink(context: IExecuteFunctions, itemIndex: number): string {
  const link = readText(context, itemIndex, { name: 'link', label: 'Link' }).trim();
  if (/^https?:\/\/[^\s/]+/i.test(link)) return link;
  const message = `The link "${link.slice(0, 80)}" is not valid. Give the whole address, beginning with https://.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

interface MediaOptions {
  filename?: string;
  gif?: boolean;
  viewOnce?: boolean;
}

async function readSource(
  context: IExecuteFunctions,
  itemIndex: number,
  patience: Patience,
): Promise<Source> {
  switch (context.getNodeParameter('source', itemIndex)) {
    case 'link':
      return { member: { link: readLink(context, itemIndex) } };
    case 'id':
      return { member: { id: readText(context, itemIndex, { name: 'mediaId', label: 'Media ID' }).trim() } };
    default:
      return await upload(context, itemIndex, patience);
  }
}

/** The kind of an uploaded file, whose type is known; for a link the gateway finds out. */
function detectKind(mimeType: string | undefined): string {
  if (mimeType === undefined) return 'media';
  if (/^image\/(jpeg|png)$/.test(mimeType)) return 'image';
  const [family = ''] = mimeType.split('/');
  return family === 'video' || family === 'audio' ? family : 'document';
}

/** The content of a media message from the fields of one item. */
export async function readMediaContent(
  context: IExecuteFunctions,
  itemIndex: number,
  patience: Patience,
): Promise<IDataObject> {
  const chosen = context.getNodeParameter('mediaKind', itemIndex) as string;
  const caption = toText(context.getNodeParameter('caption', itemIndex, ''));
  const { filename, gif, viewOnce } = context.getNodeParameter('options', itemIndex, {}) as MediaOptions;
  const source = await readSource(context, itemIndex, patience);
  const kind = chosen === 'media' ? detectKind(source.mimeType) : chosen;
  const type = kind === 'voice' ? 'audio' : kind;
  const name = filename === undefined || filename === '' ? source.filename : filename;
  const member = withoutUndefined({
    ...source.member,
    caption: caption === '' ? undefined : caption,
    // Only these show a name; the gateway refuses members that do nothing.
    filename: type === 'document' || type === 'media' ? name : undefined,
    voice: kind === 'voice' ? true : undefined,
    gif: kind === 'video' && gif === true ? true : undefined,
    viewOnce: viewOnce === true ? true : undefined,
  });
  return { type, [type]: member };
}

export const mediaFields: INodeProperties[] = [
  {
    displayName: 'Kind',
    name: 'mediaKind',
    type: 'options',
    default: 'media',
    description: 'How the file is shown',
    options: [
      { name: 'Audio', value: 'audio', description: 'A sound file to play' },
      { name: 'Detect', value: 'media', description: 'The gateway looks at the file' },
      { name: 'Document', value: 'document', description: 'A file to download, of any type' },
      { name: 'Image', value: 'image', description: 'A picture' },
      { name: 'Sticker', value: 'sticker', description: 'A sticker, best as WebP of 512 by 512' },
      { name: 'Video', value: 'video', description: 'A film to play' },
      { name: 'Voice Note', value: 'voice', description: 'A recording with a microphone on it' },
    ],
  },
  {
    displayName: 'File From',
    name: 'source',
    type: 'options',
    default: 'binary',
    description: 'Where the file comes from',
    options: [
      { name: 'Input Binary Field', value: 'binary', description: 'A file that an earlier node has read' },
      { name: 'Link', value: 'link', description: 'An address that the gateway downloads' },
      { name: 'Media ID', value: 'id', description: 'A file uploaded to the gateway before' },
    ],
  },
  {
    displayName: 'Input Binary Field',
    name: 'binaryProperty',
    type: 'string',
    default: 'data',
    required: true,
    hint: 'The name of the input field that holds the file',
    displayOptions: { show: { source: ['binary'] } },
    description: 'Name of the binary field',
  },
  {
    displayName: 'Link',
    name: 'link',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://example.com/picture.jpg',
    displayOptions: { show: { source: ['link'] } },
    description: 'Address of the file, readable without a login',
  },
  {
    displayName: 'Media ID',
    name: 'mediaId',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. med_...',
    displayOptions: { show: { source: ['id'] } },
    description: 'ID of a file that was uploaded to the gateway',
  },
  {
    displayName: 'Caption',
    name: 'caption',
    type: 'string',
    typeOptions: { rows: 2 },
    default: '',
    displayOptions: { hide: { mediaKind: ['audio', 'sticker', 'voice'] } },
    description: 'Text under the file',
  },
];

export const mediaOptions: INodeProperties[] = [
  {
    displayName: 'File Name',
    name: 'filename',
    type: 'string',
    default: '',
    placeholder: 'e.g. invoice.pdf',
    description: 'The name the recipient sees; by default the name of the file',
  },
  {
    displayName: 'Play Like a GIF',
    name: 'gif',
    type: 'boolean',
    default: false,
    description: 'Whether a video plays by itself, over and over, without sound',
  },
  {
    displayName: 'View Once',
    name: 'viewOnce',
    type: 'boolean',
    default: false,
    description: 'Whether the recipient can open it only once',
  },
];
