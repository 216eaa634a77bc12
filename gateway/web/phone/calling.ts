/**
 * A call from one phone to another: it rings on the other side's linked devices, which can decline it. Nothing is spoken.
 */
import { ask, attempt } from '../shared/dialog.js';
import { fill, h } from '../shared/dom.js';
import { answersTo, signalCall, type Place } from './actions.js';

/** Rings until it is declined, nobody has answered, or somebody hangs up. */
export async function startCall(place: Place, title: string): Promise<void> {
  const callId = await signalCall(place, {});
  const status = h('p', { role: 'status' }, 'Ringing …');
  const call = { isRinging: true };
  const end = (words: string): void => {
    call.isRinging = false;
    fill(status, words);
  };
  const hangUp = (): void => {
    if (!call.isRinging) return;
    end('No answer.');
    attempt(() => signalCall(place, { callId, event: 'terminate' }));
  };
  const hint = 'It rings on the linked devices. Nothing is spoken in the simulation.';
  ask({
    title: `Calling ${title}`,
    content: [status, h('p', { class: 'quiet' }, hint)],
    onClose: hangUp,
    closeLabel: 'Hang up',
  });
  const events = await answersTo(callId);
  if (call.isRinging && events.includes('reject')) end('Declined.');
  hangUp();
}
