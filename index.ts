/**
 * Everything this package offers, for programs that import it; n8n itself loads the files named in package.json.
 * Re-exports only.
 */
export { SluiceApi } from './credentials/SluiceApi.credentials';
export { IncomingMessageTrigger } from './nodes/IncomingMessageTrigger/IncomingMessageTrigger.node';
export { SendMedia } from './nodes/SendMedia/SendMedia.node';
export { SendMessage } from './nodes/SendMessage/SendMessage.node';
export { SessionQr } from './nodes/SessionQr/SessionQr.node';
