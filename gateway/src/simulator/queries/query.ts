/**
 * The shape of a query handler: one per namespace, from the `<iq>` to the children of its answer.
 */
import type { BinaryNode } from '../wire/nodes.js';
import type { Session } from '../login/session.js';

/** A refused query: the client's call fails with this text and code. */
export interface QueryRefusal {
  code: number;
  text: string;
}

/** Children of the answer (empty for a bare result), a refusal, or undefined for "I do not know this query". */
export type QueryAnswer = BinaryNode[] | QueryRefusal | undefined;

export type QueryHandler = (session: Session, iq: BinaryNode) => QueryAnswer | Promise<QueryAnswer>;

/** What `afterAnswer` handlers need: work that must follow the answer on the wire. */
export type QueryFollowUp = (session: Session, iq: BinaryNode) => void | Promise<void>;

/** A bare result; right for all settings that the simulator does not keep. */
export const acceptAnything: QueryHandler = () => [];
