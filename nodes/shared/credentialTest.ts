/**
 * What the "Test" button of the credential does: asks the gateway who the key is, and says what is wrong in words
 * that help. Each node names it as `testedBy`, because n8n's own test shows no more than "ECONNREFUSED".
 */
import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  INodeCredentialTestResult,
} from 'n8n-workflow';

import { unreachableText } from './errors';
import { toText } from './text';

const TIMEOUT_MS = 10_000;

interface Answer {
  statusCode: number;
  body: unknown;
}

const fault = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });

function memberOf(body: unknown, name: 'code' | 'detail' | 'role'): string {
  if (typeof body !== 'object' || body === null || !(name in body)) return '';
  return toText((body as Record<string, unknown>)[name]);
}

/** What the gateway's answer to `GET /v1/whoami` says about the credential. Pure. */
function verdictOn({ statusCode, body }: Answer, baseUrl: string): INodeCredentialTestResult {
  const code = memberOf(body, 'code');
  if (statusCode === 401 && code === 'key_expired') {
    return fault('This API key has expired. Create a new one at the gateway, or rotate this one.');
  }
  if (statusCode === 401 && code !== '') {
    return fault(
      'The gateway does not know this API key. Copy it again, or create a new one: it is shown only once.',
    );
  }
  if (statusCode >= 400 && code !== '') {
    return fault(`The gateway refused: ${memberOf(body, 'detail')} (${code})`);
  }
  const role = memberOf(body, 'role');
  if (statusCode !== 200 || role === '') {
    return fault(
      `The address ${baseUrl} answered with status ${statusCode}, but not in the way a Sluice gateway does. Check the base URL.`,
    );
  }
  if (role === 'reader') {
    return fault(
      'This API key may only read. Use one with the role "sender" to send, or "operator" for the trigger and Session QR too.',
    );
  }
  return { status: 'OK', message: `Connected. The role of this key is "${role}".` };
}

/** The text of whatever was thrown; n8n's helper throws plain errors and wrapped ones. */
function technicalText(error: unknown): string {
  if (!(error instanceof Error)) return toText(error);
  const { code } = error as Error & { code?: unknown };
  return code === undefined ? error.message : `${toText(code)}: ${error.message}`;
}

/** Tries the credential. */
export async function testSluiceApi(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  const baseUrl = toText(credential.data?.baseUrl).trim().replace(/\/+$/, '');
  if (!/^https?:\/\/[^\s/]+/i.test(baseUrl)) {
    return fault('The base URL is not valid. It begins with http:// or https://, like http://127.0.0.1:3777');
  }
  const { request } = this.helpers;
  try {
    const answer = (await request({
      method: 'GET',
      uri: `${baseUrl}/v1/whoami`,
      headers: { 'X-API-Key': toText(credential.data?.apiKey).trim(), Accept: 'application/json' },
      json: true,
      timeout: TIMEOUT_MS,
      simple: false,
      resolveWithFullResponse: true,
      followRedirect: false,
    })) as Answer;
    return verdictOn(answer, baseUrl);
  } catch (error) {
    const technical = technicalText(error);
    return fault(`${unreachableText(baseUrl, technical)} Cause: ${technical}`);
  }
}
