/**
 * The recipients of a campaign judged before anything is asked or written: numbers, repeats, variables; and the content
 * for one of them. Pure; used by campaigns and campaignLoop.
 */
import { parseRecipient, plainAddress } from '../domain/address.js';
import {
  missingVariables,
  render,
  variablesIn,
  type CampaignRecipient,
  type CampaignRefusal,
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

/** What is wrong with a rendered text; null: nothing. */
function faultOf(content: NewContent): string | null {
  if (content.type === 'text') {
    const { body } = content.text;
    if (body.trim() === '') return 'With its values the text is empty.';
    return body.length > MAX_TEXT
      ? `With its values the text has more than ${String(MAX_TEXT)} characters.`
      : null;
  }
  const part = (content as unknown as Record<string, { caption?: string } | undefined>)[content.type];
  if ((part?.caption?.length ?? 0) <= MAX_CAPTION) return null;
  return `With its values the caption has more than ${String(MAX_CAPTION)} characters.`;
}

/** The content with the recipient's values. @throws GatewayError invalid_request when it does not fit then */
export function contentFor(template: NewContent, variables: Variables): NewContent {
  const content = render(template, variables) as NewContent;
  const fault = faultOf(content);
  if (fault !== null) throw gatewayError('invalid_request', fault);
  return content;
}

interface Judging {
  names: string[];
  content: NewContent;
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
export function toRecipients(content: NewContent, given: GivenRecipient[]): CampaignRecipient[] {
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
