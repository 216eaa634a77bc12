/**
 * The one table of error codes, and the error that carries them.
 * A GatewayError is for what a caller can act on; bugs stay plain Errors and become `internal` at the edge.
 * docs/errors.md is generated from this table.
 */

interface ErrorSpec {
  status: number;
  retryable: boolean;
  title: string;
  /** What the reader can do about it. */
  hint: string;
}

const spec = (status: number, title: string, hint: string): ErrorSpec => ({
  status,
  retryable: false,
  title,
  hint,
});

/** An error that passes: the same request may succeed later. */
const passing = (status: number, title: string, hint: string): ErrorSpec => ({
  ...spec(status, title, hint),
  retryable: true,
});

export const ERROR_TABLE = {
  invalid_request: spec(
    400,
    'The request does not fit',
    'Correct the fields listed in errors and send it again.',
  ),
  invalid_key: spec(401, 'The API key is missing or not valid', 'Send a valid key in the X-API-Key header.'),
  key_expired: spec(401, 'The API key has expired', 'Create a new key or rotate this one before it expires.'),
  forbidden: spec(
    403,
    'This key may not do that',
    'Use a key with a larger role, or one that covers this session.',
  ),
  not_found: spec(404, 'There is nothing at this address', 'Check the path; /docs lists every route.'),
  session_not_found: spec(
    404,
    'There is no session with this id',
    'List the sessions with GET /v1/sessions, or create it first.',
  ),
  message_not_found: spec(
    404,
    'There is no message with this id',
    'Check the id; it starts with msg_ or is a WhatsApp id.',
  ),
  group_not_found: spec(
    404,
    'There is no such group',
    'List the groups of the session with GET /v1/sessions/{id}/groups.',
  ),
  webhook_not_found: spec(
    404,
    'There is no webhook with this id',
    'List the webhooks with GET /v1/webhooks.',
  ),
  delivery_not_found: spec(
    404,
    'There is no delivery with this id',
    'List them with GET /v1/webhooks/{id}/deliveries.',
  ),
  campaign_not_found: spec(
    404,
    'There is no campaign with this id',
    'List the campaigns with GET /v1/campaigns.',
  ),
  opt_out_not_found: spec(404, 'This number is not on the opt-out list', 'List them with GET /v1/opt-outs.'),
  key_not_found: spec(404, 'There is no API key with this id', 'List the keys with GET /v1/keys.'),
  media_not_found: spec(
    404,
    'There is no media file with this id',
    'It may have been deleted by age; upload it again.',
  ),
  media_not_ready: passing(
    503,
    'The file is still being fetched from WhatsApp',
    'Wait for the time in Retry-After, or for the message.media event.',
  ),
  qr_not_available: passing(
    404,
    'There is no QR code at the moment',
    'Start the session, or pass waitSeconds to wait for the code.',
  ),
  session_exists: spec(409, 'A session with this id exists already', 'Use it, or choose another id.'),
  session_connected: spec(
    409,
    'The session is connected already',
    'No QR code is needed; log the session out to pair another number.',
  ),
  invalid_state: spec(
    409,
    'That is not possible in the present state',
    'Look at the status and try again when it fits.',
  ),
  payload_too_large: spec(
    413,
    'The request body is too large',
    'Send less at once; upload large files with POST /v1/media.',
  ),
  media_too_large: spec(413, 'The media file is too large', 'Send a smaller file.'),
  unsupported_media: spec(
    415,
    'This kind of content is not supported',
    'Send JSON, or a media file of a supported type.',
  ),
  range_not_satisfiable: spec(
    416,
    'The file has no such part',
    'Ask for bytes within the size in Content-Range, or leave the Range header out.',
  ),
  recipient_invalid: spec(
    422,
    'The recipient is not a phone number or JID',
    'Give the number with its country code, 7 to 15 digits, for example +4915112345678.',
  ),
  recipient_not_on_whatsapp: spec(
    422,
    'The recipient is not on WhatsApp',
    'Check the number and its country code.',
  ),
  recipient_opted_out: spec(
    422,
    'The recipient does not want messages',
    'Remove the number from the list; an opt-out is lifted only by the person.',
  ),
  media_unreachable: spec(
    422,
    'The media link could not be fetched',
    'Check that the link answers with the file, without a login.',
  ),
  target_not_allowed: spec(
    422,
    'This address may not be reached from the gateway',
    'Use a public address, or add the host to SLUICE_PRIVATE_TARGETS.',
  ),
  idempotency_key_reused: spec(
    422,
    'The idempotency key was used for another message',
    'Use a new key for every new message.',
  ),
  rate_limited: passing(429, 'Too many requests', 'Wait for the time in Retry-After.'),
  recipient_cooldown: passing(
    429,
    'This recipient was written to a moment ago',
    'Wait for the time in Retry-After.',
  ),
  minute_limit_reached: passing(429, 'The limit per minute is reached', 'Wait for the time in Retry-After.'),
  daily_limit_reached: passing(429, 'The limit per day is reached', 'Wait for the time in Retry-After.'),
  quota_exceeded: passing(429, 'The quota is used up', 'Wait for the time in Retry-After.'),
  internal: passing(
    500,
    'Something went wrong inside the gateway',
    'Tell the operator the request id; the log has the cause.',
  ),
  no_session: passing(
    503,
    'No session can send this',
    'Create a session and scan its QR code, or name one in sessionId.',
  ),
  session_not_connected: passing(
    503,
    'The session is not connected',
    'Wait until it is connected again, or scan its QR code.',
  ),
  queue_full: passing(503, 'The queue of this session is full', 'Wait until it has drained.'),
  shutting_down: passing(503, 'The gateway is shutting down', 'Try again in a few seconds.'),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export interface FieldError {
  /** Dotted path of the field, for example `text.body`. */
  path: string;
  message: string;
}

export interface ErrorDetails {
  /** One sentence about this very case; the table's title when absent. */
  detail?: string;
  errors?: FieldError[];
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error that a caller can act on. Made with `gatewayError`, turned into a problem document by `http/problem`. */
export class GatewayError extends Error {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  readonly hint: string;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    details: ErrorDetails,
  ) {
    const entry: ErrorSpec = ERROR_TABLE[code];
    super(details.detail ?? entry.title, { cause: details.cause });
    this.name = 'GatewayError';
    this.status = entry.status;
    this.retryable = entry.retryable;
    this.title = entry.title;
    this.hint = entry.hint;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Makes the error for `code`; `detail` says what happened in this very case, in one sentence. */
export function gatewayError(
  code: ErrorCode,
  detail?: string,
  more: Omit<ErrorDetails, 'detail'> = {},
): GatewayError {
  return new GatewayError(code, { ...more, ...(detail === undefined ? {} : { detail }) });
}
