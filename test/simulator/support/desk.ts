/**
 * What the phone page shows, asked of the control API, with a wait until it shows what is wanted.
 */
import type { Desk } from '../../../gateway/src/simulator/phone/desk.js';
import type { Screen, ShownMessage } from '../../../gateway/src/simulator/phone/screen.js';
import type { Stage } from './stage.js';

type TaggedDesk = Desk & { tag: string };

/** One look-up of the control API, whatever it answers. */
export async function callDesk(stage: Stage, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${stage.simulator.controlUrl}/control/v1${path}`);
  return { status: response.status, body: await response.json() };
}

export const lookAtDesk = async (stage: Stage, query: string): Promise<TaggedDesk> =>
  (await callDesk(stage, `/desk?${query}`)).body as TaggedDesk;

/** Looks again whenever the desk has changed, until the phone (`number` or `number/chat`) shows what is wanted. */
export async function untilShown<T>(
  stage: Stage,
  open: string,
  find: (screen: Screen) => T | undefined,
): Promise<T> {
  const until = Date.now() + 15_000;
  let tag = '';
  while (Date.now() < until) {
    const now = await lookAtDesk(stage, `open=${encodeURIComponent(open)}&tag=${tag}&timeoutMs=5000`);
    const [screen] = now.screens;
    const found = screen ? find(screen) : undefined;
    if (found !== undefined) return found;
    tag = now.tag;
  }
  const { screens } = await lookAtDesk(stage, `open=${open}`);
  throw new Error(`the phone ${open} never showed it: ${JSON.stringify(screens)}`);
}

/** A message in the chat that is open. */
export const messageIn =
  (wanted: (message: ShownMessage) => boolean) =>
  ({ open }: Screen): ShownMessage | undefined =>
    open?.messages.find(wanted);
