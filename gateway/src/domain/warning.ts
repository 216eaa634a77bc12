/**
 * What the sender of a message should know although it is sent. Pure; told in the answer to POST /v1/messages.
 */
import type { MessageContent } from './message.js';

/** Whether phones play it as a voice note for certain. */
export const isVoiceNote = (mimeType: string): boolean => /^audio\/ogg\b.*\bopus\b/.test(mimeType);

/** Something that the sender should know of a message that is sent all the same. */
export interface MessageWarning {
  code: string;
  message: string;
}

const NOT_CONVERTED: MessageWarning = {
  code: 'voice_not_converted',
  message:
    'The audio is sent as a voice note in the format it has, because ffmpeg is not installed or could not read it; some phones will not play it. Send Ogg with Opus, or install ffmpeg where the gateway runs.',
};

/** The type of a GIF that was not made a video. */
export const STILL_GIF = 'image/gif';

const STANDS_STILL: MessageWarning = {
  code: 'gif_not_converted',
  message:
    'The GIF is sent as an image, which does not move on the phone. For one that does, send it with type "video" and gif: true to a gateway that has ffmpeg, or send a short MP4 with gif: true.',
};

export function warningsOf(content: MessageContent): MessageWarning[] {
  if (content.type === 'image') return content.image.mimeType === STILL_GIF ? [STANDS_STILL] : [];
  if (content.type !== 'audio' || content.audio.voice !== true) return [];
  return isVoiceNote(content.audio.mimeType) ? [] : [NOT_CONVERTED];
}
