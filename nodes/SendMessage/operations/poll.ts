/**
 * Send Message, operation "Send Poll".
 */
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { readText } from '../../shared/outgoing/envelope';
import { sendOperation } from '../../shared/outgoing/sendOperation';
import { toText } from '../../shared/text';
import { valueReader } from '../../shared/values';

const MIN_OPTIONS = 2;
const MAX_OPTIONS = 12;
const MAX_QUESTION = 255;
const MAX_ANSWER = 100;

/** The answers: an array from an expression, or one per line. */
function readAnswers(context: IExecuteFunctions, itemIndex: number): string[] {
  const value: unknown = context.getNodeParameter('pollOptions', itemIndex, '');
  const lines: unknown[] = Array.isArray(value) ? value : toText(value).split('\n');
  const answers = [...new Set(lines.map((line) => toText(line).trim()).filter((line) => line !== ''))];
  for (const answer of answers) {
    if (answer.length <= MAX_ANSWER) continue;
    const message = `The answer "${answer.slice(0, 40)}..." has ${answer.length} characters, ${MAX_ANSWER} fit.`;
    throw new NodeOperationError(context.getNode(), message, { itemIndex });
  }
  if (answers.length >= MIN_OPTIONS && answers.length <= MAX_OPTIONS) return answers;
  const message = `A poll needs ${MIN_OPTIONS} to ${MAX_OPTIONS} different answers, this has ${answers.length}. Write one per line.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

export const poll = sendOperation({
  fields: [
    {
      displayName: 'Question',
      name: 'question',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. When shall we deliver?',
      description: 'The question of the poll',
    },
    {
      displayName: 'Answers',
      name: 'pollOptions',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      required: true,
      placeholder: 'One answer per line',
      description: 'The answers to choose from, 2 to 12, one per line',
    },
    {
      displayName: 'Allow Several Answers',
      name: 'multiple',
      type: 'boolean',
      default: false,
      description: 'Whether a person may choose more than one answer',
    },
  ],
  quotes: true,
  read: (context, itemIndex) => ({
    type: 'poll',
    poll: {
      question: readText(context, itemIndex, { name: 'question', label: 'Question', max: MAX_QUESTION }),
      options: readAnswers(context, itemIndex),
      multiple:
        valueReader(context, itemIndex).truth(
          context.getNodeParameter('multiple', itemIndex, false),
          'Allow Several Answers',
        ) ?? false,
    },
  }),
});
