/** Files of every kind. */
import { FILE, IMAGE, fileOf, received } from './parts.mjs';

export const files = {
  image: received(
    { imageMessage: { ...IMAGE, caption: 'look', width: 10, height: 10 } },
    { kind: 'image', text: 'look', media: fileOf('image/jpeg', { caption: 'look' }) },
  ),
  'image-view-once': received(
    { viewOnceMessageV2: { message: { imageMessage: { ...IMAGE, viewOnce: true } } } },
    { kind: 'image', text: null, viewOnce: true },
  ),
  'image-view-once-ephemeral': received(
    {
      ephemeralMessage: {
        message: { viewOnceMessage: { message: { imageMessage: { ...IMAGE, caption: 'once' } } } },
      },
    },
    { kind: 'image', text: 'once', viewOnce: true },
  ),
  'voice-note-view-once': received(
    {
      viewOnceMessageV2Extension: {
        message: { audioMessage: { ...FILE, mimetype: 'audio/ogg; codecs=opus', ptt: true, viewOnce: true } },
      },
    },
    { kind: 'audio', voice: true, viewOnce: true },
  ),
  video: received(
    { videoMessage: { ...FILE, mimetype: 'video/mp4', caption: 'film', seconds: 3 } },
    { kind: 'video', text: 'film', media: fileOf('video/mp4') },
  ),
  'video-note': received(
    { ptvMessage: { ...FILE, mimetype: 'video/mp4', seconds: 3 } },
    { kind: 'video', media: fileOf('video/mp4') },
  ),
  audio: received(
    { audioMessage: { ...FILE, mimetype: 'audio/mpeg', seconds: 3 } },
    { kind: 'audio', voice: false, media: fileOf('audio/mpeg') },
  ),
  document: received(
    { documentMessage: { ...FILE, mimetype: 'application/pdf', fileName: 'bill.pdf' } },
    { kind: 'document', media: fileOf('application/pdf', { filename: 'bill.pdf' }) },
  ),
  'document-with-caption': received(
    {
      documentWithCaptionMessage: {
        message: {
          documentMessage: {
            ...FILE,
            mimetype: 'application/pdf',
            fileName: 'bill.pdf',
            caption: 'the bill',
          },
        },
      },
    },
    { kind: 'document', text: 'the bill', media: fileOf('application/pdf', { filename: 'bill.pdf' }) },
  ),
  sticker: received(
    { stickerMessage: { ...FILE, mimetype: 'image/webp' } },
    { kind: 'sticker', media: fileOf('image/webp') },
  ),
  'sticker-lottie': received(
    { lottieStickerMessage: { message: { stickerMessage: { ...FILE, mimetype: 'application/was' } } } },
    { kind: 'sticker', media: fileOf('application/was') },
  ),
  'album-picture': received(
    { associatedChildMessage: { message: { imageMessage: IMAGE } } },
    { kind: 'image', media: fileOf('image/jpeg') },
  ),
};
