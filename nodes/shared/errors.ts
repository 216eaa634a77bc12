/**
 * What went wrong, in words: turns the gateway's problem documents and broken connections into NodeApiError
 * whose message says what happened, why, and what to do. Used by transport and items.
 * Must not make requests.
 */
import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';

import type { Problem } from './wire';

/** What a caller may decide by; kept in `error.context.gateway`. */
export interface GatewayFailure {
  code: string;
  status: number;
  retryable: boolean;
  retryAfterSeconds?: number;
  requestId?: string;
  /** The gateway's own words, without the advice for n8n. */
  said?: string;
}

/** What helps in n8n in particular. What is to be done in general is in the gateway's `detail`. */
const ADVICE: Record<string, string> = {
  invalid_key: 'Put a valid API key into the Sluice API credential',
  key_expired: 'Put a new API key into the Sluice API credential',
  forbidden:
    'The role of the key is set in the gateway: sending needs "sender", the trigger and Session QR "operator"',
  session_not_found: 'Choose a session from the list, or create it with the Session QR node',
  message_not_found: 'Take the ID from the output of a sending node or of the trigger',
  webhook_not_found: 'Deactivate and activate the workflow to register the webhook again',
  payload_too_large: 'Use the Send Media node for files, or a smaller batch size',
  recipient_not_on_whatsapp: 'The options of the node can skip such recipients',
  recipient_opted_out: 'The options of the node can skip such recipients',
  idempotency_key_reused:
    'This item was handed in before with other content in this execution: an expression such as $now changed between two tries. The first version stays queued',
  rate_limited: 'The options of the node can wait longer',
  recipient_cooldown: 'The options of the node can wait longer',
  minute_limit_reached: 'The options of the node can wait longer',
  no_session: 'Connect a session with the Session QR node, or choose another one in the node',
  session_not_connected: 'The Session QR node shows the status of the session and its QR code',
};

const DOCKER_HINT =
  'If n8n runs in Docker, 127.0.0.1 is the container itself: use http://host.docker.internal:3777 or the service name of the gateway.';

function sentences(parts: Array<string | undefined>): string {
  const seen = new Set<string>();
  for (const part of parts) {
    const text = part?.trim().replace(/\.+$/, '') ?? '';
    if (text !== '') seen.add(text);
  }
  return [...seen].map((text) => (/[!?]$/.test(text) ? text : `${text}.`)).join(' ');
}

/**
 * n8n replaces messages that mention certain words ("enoent", "eexist", ...) while it constructs the error,
 * so the message is set again afterwards.
 */
function apiError(
  node: INode,
  text: { message: string; description?: string },
  failure: GatewayFailure,
): NodeApiError {
  const response: JsonObject = { code: failure.code };
  const error = new NodeApiError(node, response, text);
  error.message = text.message;
  error.httpCode = failure.status >= 400 ? String(failure.status) : null;
  error.context.gateway = { ...failure };
  return error;
}

/** The error for an answer that is not 2xx. Anything but a problem document means that another program answered. */
export function refusalError(
  node: INode,
  answer: { status: number; body: unknown; url: string },
): NodeApiError {
  const { status, body, url } = answer;
  if (!isProblem(body)) {
    const message = sentences([
      `The address ${url} answered with status ${status}, but not in the way a Sluice gateway does`,
      'Check the base URL in the Sluice API credential',
    ]);
    return apiError(node, { message }, { code: 'not_a_gateway', status, retryable: status >= 500 });
  }
  const { code, title, detail, hint, errors, requestId, retryable, retryAfterSeconds } = body;
  const fields = errors
    ?.map(({ path, message }) => `${path}: ${message}`)
    .filter((field) => detail?.includes(field) !== true);
  const said = sentences([
    detail?.startsWith(title) === true ? undefined : title,
    detail,
    fields?.join('; '),
  ]);
  const message = sentences([
    said,
    retryAfterSeconds === undefined ? undefined : `It can go on in ${retryAfterSeconds} seconds`,
    hint,
    ADVICE[code],
  ]);
  const description = [`Code: ${code}`, requestId === undefined ? '' : `request ID: ${requestId}`]
    .filter((part) => part !== '')
    .join(', ');
  return apiError(
    node,
    { message, description },
    { code, status, retryable: retryable ?? false, retryAfterSeconds, requestId, said },
  );
}

/** The error for a message that the gateway accepted and then could not send. */
export function messageFailedError(
  node: INode,
  error: { code: string; message: string; retryable: boolean },
): NodeApiError {
  const message = sentences(['The message was not sent', error.message, ADVICE[error.code]]);
  return apiError(
    node,
    { message, description: `Code: ${error.code}` },
    { ...error, status: 200, said: error.message },
  );
}

const isTimeout = (technical: string): boolean => /timeout|timed out|ECONNABORTED|ETIMEDOUT/i.test(technical);

/** What to say when no answer comes; `technical` is the text of the socket. */
export function unreachableText(baseUrl: string, technical: string): string {
  return sentences([
    isTimeout(technical)
      ? `The Sluice gateway at ${baseUrl} did not answer in time`
      : `The Sluice gateway cannot be reached at ${baseUrl}`,
    'Check that it is running and that the base URL in the credential is right',
    DOCKER_HINT,
  ]);
}

/** The error for a request that got no answer at all. `cause` is what n8n's HTTP helper threw. */
export function unreachableError(
  node: INode,
  baseUrl: string,
  cause: unknown,
): NodeApiError | NodeOperationError {
  // A missing credential is the user's setting, not the network; n8n's own words fit.
  if (cause instanceof NodeOperationError) return cause;
  const technical = causeText(cause);
  const message = unreachableText(baseUrl, technical);
  const failure = { code: isTimeout(technical) ? 'timeout' : 'unreachable', status: 0, retryable: true };
  return apiError(
    node,
    { message, description: technical === '' ? undefined : `Cause: ${technical}` },
    failure,
  );
}

function causeText(cause: unknown): string {
  // NodeApiError keeps the words of the socket in `messages` and puts its own into `message`.
  if (cause instanceof NodeApiError && cause.messages.length > 0) return cause.messages.join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  return 'code' in body && typeof body.code === 'string' && 'title' in body && typeof body.title === 'string';
}

/** What the gateway said, when `error` comes from it. */
export function failureOf(error: unknown): GatewayFailure | undefined {
  if (!(error instanceof NodeApiError)) return undefined;
  return error.context.gateway as GatewayFailure | undefined;
}

/** The same error, naming the item it belongs to; anything unknown becomes a NodeOperationError. */
export function errorOfItem(
  node: INode,
  error: unknown,
  itemIndex: number,
): NodeApiError | NodeOperationError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) {
    error.context.itemIndex = itemIndex;
    return error;
  }
  return new NodeOperationError(node, error instanceof Error ? error : new Error(String(error)), {
    itemIndex,
  });
}
