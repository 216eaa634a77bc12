/**
 * A table of recipients as CSV: a header line with `to`, or another name for it, and one column per variable.
 * Used by schemas/campaigns.
 */
import { CsvError, parse } from 'csv-parse/sync';

/** What spreadsheets of contacts call the column of the number. */
const TO = ['to', 'phone', 'number', 'recipient', 'whatsapp', 'mobile'];
const DELIMITERS = [',', ';', '\t'];

export interface CsvRecipient {
  to: string;
  variables: Record<string, string>;
}

const isTo = (name: string): boolean => TO.includes(name.toLowerCase());

/** @throws Error with one sentence for the caller */
export function parseRecipientsCsv(text: string, maxRows: number): CsvRecipient[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim()),
      delimiter: DELIMITERS.filter((one) => text.split('\n', 1)[0]?.includes(one)).slice(0, 1),
      skip_empty_lines: true,
      trim: true,
      to: maxRows + 1,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? ` in line ${String(error.lines)}` : '';
    throw new Error(`is no CSV that can be read: ${error.code}${line}`, { cause: error });
  }
  const [first] = rows;
  if (!first) throw new Error('must have a header line and at least one recipient');
  const to = Object.keys(first).find(isTo);
  if (to === undefined) throw new Error('must have a column named to with the numbers');
  return rows.map(({ [to]: number = '', ...variables }) => ({ to: number, variables }));
}
