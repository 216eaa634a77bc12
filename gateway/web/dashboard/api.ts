/**
 * The public API as the page uses it, with the key that its user gave. The key stays in this tab (sessionStorage).
 */
const KEY_NAME = 'sluice.apiKey';

export const keptKey = (): string => sessionStorage.getItem(KEY_NAME) ?? '';
export const keepKey = (key: string): void => sessionStorage.setItem(KEY_NAME, key);
export const forgetKey = (): void => sessionStorage.removeItem(KEY_NAME);

/** One call. @throws Error with what the gateway says, and its `status` */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      'x-api-key': keptKey(),
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? null : JSON.parse(text);
  if (response.ok) return answer as T;
  const { detail, title } = (answer ?? {}) as { detail?: string; title?: string };
  const words = detail ?? title ?? `The gateway answered ${String(response.status)}.`;
  throw Object.assign(new Error(words), { status: response.status });
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Hold {
  code: string;
  message: string;
  until: string | null;
}

export interface Session {
  id: string;
  name: string | null;
  status: string;
  reason: { code: string; message: string; action: string } | null;
  since: string;
  phone: string | null;
  pushName: string | null;
  queue: { size: number; paused: boolean; nextSendAt: string | null; hold: Hold | null };
  messagesToday: number;
}

export interface Message {
  id: string;
  waId: string;
  sessionId: string;
  to: string;
  type: string;
  status: string;
  queuedAt: string;
  hold: Hold | null;
  estimatedSendAt: string | null;
  attempts: number;
  error: { code: string; message: string } | null;
  timeline: { status: string; at: string }[];
  reference: string | null;
  test: boolean;
}

export interface Webhook {
  id: string;
  url: string;
  events: string[];
  sessionIds: string[];
  description: string | null;
  state: string;
  stateReason: string | null;
}

export interface Delivery {
  id: string;
  eventType: string;
  sessionId: string;
  seq: number;
  state: string;
  attemptCount: number;
  nextAttemptAt: string | null;
  createdAt: string;
  attempts: {
    attempt: number;
    at: string;
    status: number | null;
    durationMs: number;
    response: string | null;
    error: string | null;
  }[];
}

export interface GatewayEvent {
  id: string;
  seq: number;
  type: string;
  timestamp: string;
  sessionId: string;
  data: Record<string, unknown>;
}

export interface Whoami {
  name: string;
  role: string;
  mode: string;
}

/** The events in a stream of server-sent events. EventSource cannot send a key, so the frames are read here. */
export async function followEvents(
  onEvent: (event: GatewayEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch('/v1/events/stream', { headers: { 'x-api-key': keptKey() }, signal });
  if (!response.ok || !response.body) throw new Error(`The stream was refused (${String(response.status)}).`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (rest + value).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data !== undefined) onEvent(JSON.parse(data) as GatewayEvent);
    }
  }
}
