/**
 * The recipients of a campaign judged before anything is asked or written: numbers, repeats, variables; and the content
 * for one of them. Pure; used by campaigns and campaignLoop.
 */
import { parseRecipient, plainAddress } from '../domain/address.js';
import {
  missingVariables,
  render,
  renderLink,
  variablesIn,
  type CampaignRecipient,
  type CampaignRefusal,
  type LinkedFile,
  type Variables,
} from '../domain/campaign.js';
import { gatewayError, GatewayError } from '../domain/error.js';
import type { NewContent } from './types.js';

export interface GivenRecipient {
  to: string;
  variables: Variables;
}

const MAX_TEXT = 65_000;
const MAX_CAPTION = 1_024;
const MAX_LINK = 4_096;

interface Described {
  link?: string;
  caption?: string;
}

const partOf = (body: object, type: string): Described | undefined =>
  (body as Record<string, Described | undefined>)[type];

function isAddress(link: string | undefined): boolean {
  if (link === undefined || link.length > MAX_LINK || !URL.canParse(link)) return false;
  return ['http:', 'https:'].includes(new URL(link).protocol);
}

/** What is wrong with a rendered text; null: nothing. */
function faultOf(content: NewContent | LinkedFile): string | null {
  if (content.type === 'text') {
    const { body } = content.text;
    if (body.trim() === '') return 'With its values the text is empty.';
    return body.length > MAX_TEXT
      ? `With its values the text has more than ${String(MAX_TEXT)} characters.`
      : null;
  }
  const part =
    content.type === 'linked' ? partOf(content.body, content.body.type) : partOf(content, content.type);
  if (content.type === 'linked' && !isAddress(part?.link))
    return 'With its values the link is no http or https address.';
  if ((part?.caption?.length ?? 0) <= MAX_CAPTION) return null;
  return `With its values the caption has more than ${String(MAX_CAPTION)} characters.`;
}

/** The link apart, because values stand in it otherwise than in a text. */
function renderLinked({ type, body }: LinkedFile, variables: Variables): LinkedFile {
  const { link, ...part } = partOf(body, body.type) ?? {};
  const rendered = render({ ...body, [body.type]: part }, variables) as LinkedFile['body'];
  const file = { ...partOf(rendered, body.type), link: renderLink(link ?? '', variables) };
  return { type, body: { ...rendered, [body.type]: file } };
}

/** The content with the recipient's values. @throws GatewayError invalid_request when it does not fit then */
export function contentFor<T extends NewContent | LinkedFile>(template: T, variables: Variables): T {
  const content =
    template.type === 'linked' ? renderLinked(template, variables) : (render(template, variables) as T);
  const fault = faultOf(content);
  if (fault !== null) throw gatewayError('invalid_request', fault);
  return content as T;
}

interface Judging {
  names: string[];
  content: NewContent | LinkedFile;
  seen: Set<string>;
}

/** The recipient as it is written to, or why not. */
function judge({ to, variables }: GivenRecipient, { names, content, seen }: Judging) {
  const missing = missingVariables(names, variables);
  if (missing.length > 0) {
    const which = missing.map((name) => `{{${name}}}`).join(', ');
    return { code: 'variable_missing', message: `There is no value for ${which}.` };
  }
  try {
    const address = parseRecipient(to);
    const plain = plainAddress(address);
    if (seen.has(plain)) {
      return {
        code: 'recipient_repeated',
        message: 'The recipient is in the campaign already, further above.',
      };
    }
    seen.add(plain);
    contentFor(content, variables);
    return plain;
  } catch (error) {
    if (error instanceof GatewayError) return refusalOf(error);
    throw error;
  }
}

export const refusalOf = ({ code, message }: GatewayError): CampaignRefusal => ({ code, message });

/** All recipients in their order, those with a refusal that will get nothing. */
export function toRecipients(content: NewContent | LinkedFile, given: GivenRecipient[]): CampaignRecipient[] {
  const judging = { content, names: variablesIn(content), seen: new Set<string>() };
  return given.map((one, row) => {
    const verdict = judge(one, judging);
    const isFine = typeof verdict === 'string';
    return {
      row,
      to: isFine ? verdict : one.to,
      variables: one.variables,
      messageId: null,
      refusal: isFine ? null : verdict,
    };
  });
}
