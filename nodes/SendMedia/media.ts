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
import { valueReader } from '../shared/values';

const UPLOAD_TIMEOUT_MS = 300_000;
const KINDS = ['media', 'image', 'video', 'audio', 'voice', 'document', 'sticker'] as const;
const SOURCES = ['binary', 'link', 'id'] as const;

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

function readMediaId(context: IExecuteFunctions, itemIndex: number): string {
  const id = readText(context, itemIndex, { name: 'mediaId', label: 'Media ID' }).trim();
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(id)) return id;
  const message = `The value "${id.slice(0, 40)}" in "Media ID" is not valid. Give the ID of a file that was uploaded to the gateway (med_...).`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

interface MediaLook {
  kind: (typeof KINDS)[number];
  source: (typeof SOURCES)[number];
  caption: string | undefined;
  filename: string | undefined;
  gif: boolean;
  viewOnce: boolean;
}

/** All fields but the file, so that a bad one is found before the file is uploaded. */
function readLook(context: IExecuteFunctions, itemIndex: number): MediaLook {
  const { choice, text, truth } = valueReader(context, itemIndex);
  const field = (name: string): unknown => context.getNodeParameter(name, itemIndex, '');
  const options = context.getNodeParameter('options', itemIndex, {}) as Record<string, unknown>;
  return {
    kind: choice(field('mediaKind'), { label: 'Kind', choices: KINDS }) ?? 'media',
    source: choice(field('source'), { label: 'File From', choices: SOURCES }) ?? 'binary',
    caption: text(field('caption'), { label: 'Caption', max: 1_024 }),
    filename: text(options.filename, { label: 'File Name', max: 255 })?.trim(),
    gif: truth(options.gif, 'Play Like a GIF') ?? false,
    viewOnce: truth(options.viewOnce, 'View Once') ?? false,
  };
}

/** What gives the file, by the choice in "File From"; only one of n8n's own is uploaded. */
const FROM: Record<
  MediaLook['source'],
  (context: IExecuteFunctions, itemIndex: number, patience: Patience) => Source | Promise<Source>
> = {
  link: (context, itemIndex) => ({ member: { link: readLink(context, itemIndex) } }),
  id: (context, itemIndex) => ({ member: { id: readMediaId(context, itemIndex) } }),
  binary: upload,
};

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
  const look = readLook(context, itemIndex);
  const source = await FROM[look.source](context, itemIndex, patience);
  const kind = look.kind === 'media' ? detectKind(source.mimeType) : look.kind;
  const type = kind === 'voice' ? 'audio' : kind;
  const member = withoutUndefined({
    ...source.member,
    caption: look.caption,
    // Only these show a name; the gateway refuses members that do nothing.
    filename: type === 'document' || type === 'media' ? (look.filename ?? source.filename) : undefined,
    voice: kind === 'voice' ? true : undefined,
    gif: kind === 'video' && look.gif ? true : undefined,
    viewOnce: look.viewOnce ? true : undefined,
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
