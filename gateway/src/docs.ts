/**
 * The pages of docs/reference, made from the code: settings from config, errors from domain/error, the OpenAPI document
 * from the routes. docs/reference/generate.mjs writes them; a contract test fails when they are not current.
 * Must not touch files itself.
 */
import { SETTINGS } from './config.js';
import type { Setting } from './config/reading.js';
import { ERROR_TABLE } from './domain/error.js';
import { SEND_FAILURES } from './domain/failure.js';
import { openApiDocument } from './http/openapi.js';
import { ALL_ROUTES } from './http/routes/index.js';

const GENERATED = '<!-- Generated: npm run build:gateway && node docs/reference/generate.mjs -->';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const fixed = (text: string): string => `\`${text}\``;

function settingsPage(): string {
  const rows = (Object.values(SETTINGS) as Setting<unknown>[]).map(
    ({ name, type, defaultText, computed, secret, meaning }) =>
      // A computed default is told in words, unless it is a pattern like http://HOST:PORT.
      row(
        fixed(name),
        type,
        computed && !defaultText.includes(':') ? defaultText : fixed(defaultText),
        meaning,
        secret ? 'yes' : '',
      ),
  );
  return [
    GENERATED,
    '',
    '# Settings',
    '',
    'Settings are environment variables. Each can also be given as `NAME_FILE`, the path of a file that holds the value, as Docker and Kubernetes secrets do; both at once are refused. An empty value counts as not set. A name that begins with `SLUICE_` and is not in this table stops the start. A secret is never logged.',
    '',
    row('name', 'type', 'default', 'meaning', 'secret'),
    row('---', '---', '---', '---', '---'),
    ...rows,
    '',
  ].join('\n');
}

function errorsPage(): string {
  const failures = Object.entries(SEND_FAILURES).map(([code, { happened, advice, retryable }]) =>
    row(fixed(code), happened, advice, retryable ? 'yes' : 'no'),
  );
  const rows = Object.entries(ERROR_TABLE).map(([code, { status, title, hint, retryable }]) =>
    row(`<a id="${code}"></a>${fixed(code)}`, String(status), title, hint, retryable ? 'yes' : 'no'),
  );
  return [
    GENERATED,
    '',
    '# Error codes',
    '',
    'Every error is an `application/problem+json` document (RFC 9457) with `type`, `title`, `status`, `detail`, `code`, `retryable`, `requestId`, and where they apply `retryAfterSeconds` (also as the header `Retry-After`) and `errors` (which fields do not fit). `type` leads to the page `/docs/errors` of the gateway itself.',
    '',
    row('code', 'status', 'meaning', 'what to do', 'try again'),
    row('---', '---', '---', '---', '---'),
    ...rows,
    '',
    '## Messages that fail',
    '',
    'The `error` of a message, and of `message.failed`, has one of these codes, or one of the table above when the message could not be made ready. `whatsapp_` with a number is a refusal that WhatsApp gives no reason for. What passes is tried again by itself, eight times with growing waits, before the message fails; `POST /v1/messages/{id}/retry` puts it back into the queue.',
    '',
    row('code', 'what happened', 'what to do', 'tried again by itself'),
    row('---', '---', '---', '---'),
    ...failures,
    '',
  ].join('\n');
}

/** File names in docs/reference and what they must hold; `version` is the program's. */
export const referencePages = (version: string): Record<string, string> => ({
  'settings.md': settingsPage(),
  'errors.md': errorsPage(),
  'openapi.json': `${JSON.stringify(openApiDocument(ALL_ROUTES, version), null, 2)}\n`,
});
