/**
 * Asking in a dialog, and telling what went wrong. Used by both pages.
 */
import { fill, h, type Attributes } from './dom.js';

/** A text field with its label and a hint. */
export const textField = (label: string, attributes: Attributes, hint?: string): HTMLLabelElement =>
  h(
    'label',
    { class: 'field' },
    h('span', {}, label),
    h('input', attributes),
    hint !== undefined && h('small', {}, hint),
  );

/** What was filled into a form: the text of a field without spaces around it, and the boxes that are ticked. */
export interface Answers {
  text: (name: string) => string;
  all: (name: string) => string[];
}

function answersIn(form: HTMLFormElement): Answers {
  const data = new FormData(form);
  const texts = (name: string): string[] =>
    data.getAll(name).flatMap((value) => (typeof value === 'string' ? [value.trim()] : []));
  return { text: (name) => texts(name)[0] ?? '', all: texts };
}

export interface Question {
  title: string;
  /** Fields and text between title and buttons. */
  content: Node[];
  confirm?: string;
  /** Called with what was filled in; what it throws is shown and the dialog stays. */
  onConfirm?: (answers: Answers) => Promise<void>;
  /** Called when it is closed, in whatever way. */
  onClose?: () => void;
  /** What the button says that closes it. */
  closeLabel?: string;
}

/** Dialogs can stand on top of each other, and each is named by its own title. */
let dialogCount = 0;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Opens a modal dialog. It removes itself when it closes; the answer closes it. */
export function ask({ title, content, confirm, onConfirm, ...closing }: Question): () => void {
  const { onClose, closeLabel = confirm === undefined ? 'Close' : 'Cancel' } = closing;
  dialogCount += 1;
  const titleId = `dialog-${String(dialogCount)}`;
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const close = (): void => dialog.close();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    fill(problem);
    problem.hidden = true;
    try {
      await onConfirm?.(answersIn(form));
      close();
    } catch (error) {
      fill(problem, messageOf(error));
      problem.hidden = false;
    }
  };
  const form = h(
    'form',
    { method: 'dialog', onsubmit: (event: Event) => void submit(event as SubmitEvent) },
    h('h2', { id: titleId }, title),
    ...content,
    problem,
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button', onclick: close }, closeLabel),
      confirm !== undefined && h('button', { type: 'submit', class: 'button primary' }, confirm),
    ),
  );
  const onclose = (): void => {
    dialog.remove();
    onClose?.();
  };
  const dialog = h('dialog', { 'aria-labelledby': titleId, onclose }, form);
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** Runs what a click started; what goes wrong is told in a dialog instead of being lost. */
export function attempt(work: () => Promise<unknown>): void {
  work().catch((error: unknown) => {
    ask({ title: 'That did not work', content: [h('p', {}, messageOf(error))] });
  });
}
