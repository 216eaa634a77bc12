/**
 * The few HTTP calls that the demo makes, as any client of the gateway would make them.
 */

class CallFailed extends Error {}

export interface Api {
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
}

/** Calls the gateway at `url` with an API key. @throws CallFailed with the gateway's own words */
export function createApi(url: string, apiKey: string): Api {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', accept: 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (response.ok) return answer;
    const { code, detail } = answer as { code?: string; detail?: string };
    throw new CallFailed(
      `${method} ${path} was answered with ${String(response.status)} ${code ?? ''}: ${detail ?? text}`,
    );
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body ?? {}),
  };
}
