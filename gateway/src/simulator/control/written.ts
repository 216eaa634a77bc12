/**
 * What somebody writes, as control calls give it: `text` for short, or `content` of any kind.
 */
import type { MessageContent } from '../messages/kinds.js';
import { toProto, type Conversation, type ProtoContent } from '../messages/toProto.js';
import { ControlError } from './problem.js';

export interface Written {
  text?: string | undefined;
  content?: MessageContent | undefined;
}

/** The protobuf of it. @throws ControlError 422 when it refers to something that was never seen. */
export function toMessage(conversation: Conversation, { text = '', content }: Written): ProtoContent {
  try {
    return toProto(conversation, content ?? { kind: 'text', text });
  } catch (error) {
    throw new ControlError(422, 'impossible_message', error instanceof Error ? error.message : String(error));
  }
}
