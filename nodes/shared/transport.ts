/**
 * The only HTTP of this package: one request to the gateway with the credential's address and key.
 * Every node calls `gatewayRequest`; refusals and broken connections come out as NodeApiError (see errors.ts).
 * Must not retry by itself (see patience.ts) and must not know any route.
 */
import { jsonParse } from 'n8n-workflow';
import type {
  IDataObject,
  IExecuteFunctions,
  IHookFunctions,
  IHttpRequestMethods,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IN8nHttpFullResponse,
  IWebhookFunctions,
} from 'n8n-workflow';

import { refusalError, unreachableError } from './errors';
import { toText } from './text';

const CREDENTIAL = 'sluiceApi';
const TIMEOUT_MS = 30_000;

export type GatewayContext = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions | IWebhookFunctions;

export interface GatewayRequest {
  method: IHttpRequestMethods;
  path: string;
  query?: IDataObject;
  body?: IHttpRequestOptions['body'];
  headers?: IDataObject;
  /** What comes back on success: parsed JSON (default) or the readable stream of a file. */
  answer?: 'json' | 'stream';
  timeoutMs?: number;
}

export interface GatewayAnswer<T> {
  status: number;
  headers: IDataObject;
  body: T;
}

/** The gateway's address without a slash at the end. */
async function baseUrlOf(context: GatewayContext): Promise<string> {
  const credential = await context.getCredentials(CREDENTIAL);
  return toText(credential.baseUrl).trim().replace(/\/+$/, '');
}

function toHttpOptions(baseURL: string, request: GatewayRequest): IHttpRequestOptions {
  return {
    baseURL,
    url: request.path,
    method: request.method,
    qs: request.query,
    body: request.body,
    headers: request.headers,
    json: request.answer !== 'stream',
    encoding: request.answer === 'stream' ? 'stream' : undefined,
    timeout: request.timeoutMs ?? TIMEOUT_MS,
    returnFullResponse: true,
    // The answer of the gateway is read here; n8n's generic texts per status would hide it.
    ignoreHttpStatusErrors: true,
    // A redirect would carry the API key to another address.
    disableFollowRedirect: true,
  };
}

/** The body of a refusal, also when the request asked for a stream. */
async function refusalBody(body: unknown): Promise<unknown> {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return jsonParse(Buffer.concat(chunks).toString('utf8'), { fallbackValue: null });
}

/**
 * Makes one request.
 * @throws NodeApiError with the gateway's code, status and words, or saying that it cannot be reached
 */
export async function gatewayRequest<T>(
  context: GatewayContext,
  request: GatewayRequest,
): Promise<GatewayAnswer<T>> {
  const baseUrl = await baseUrlOf(context);
  let response: IN8nHttpFullResponse;
  try {
    response = (await context.helpers.httpRequestWithAuthentication.call(
      context,
      CREDENTIAL,
      toHttpOptions(baseUrl, request),
    )) as IN8nHttpFullResponse;
  } catch (error) {
    throw unreachableError(context.getNode(), baseUrl, error);
  }
  const { statusCode: status, headers, body } = response;
  // A 2xx page of some other program is a string where the gateway would have sent JSON.
  const isForeign = request.answer !== 'stream' && typeof body === 'string' && body !== '';
  if (status < 200 || status >= 300 || isForeign) {
    const url = `${baseUrl}${request.path}`;
    throw refusalError(context.getNode(), { status, body: await refusalBody(body), url });
  }
  return { status, headers, body: body as T };
}
