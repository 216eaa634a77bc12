// Bulk: the example workflow with 500 rows of a CSV file, seven of them bad in seven ways. Every row has its outcome, in
// the order of the file, and each good one reaches its recipient once.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byId, example } from '../lib/workflows.mjs';
import { SESSION } from '../lib/stage.mjs';

const ROWS = 500;
const UNKNOWN_NUMBER = '4915559999999';

/** Row number (from 0) to what stands in its phone column, and what its outcome must say. */
const BAD = new Map([
  [3, { phone: '', says: /is empty/ }],
  [57, { phone: 'none', says: /digits only/ }],
  [101, { phone: '01511234567', says: /country code/ }],
  [202, { phone: '4.9151E+12', says: /format the column as text/ }],
  [303, { phone: '+4912', says: /7 to 15 digits/ }],
  [404, { phone: 'x@example.com', says: /@ ends in/ }],
  [499, { phone: UNKNOWN_NUMBER, says: /has no account with this number/, status: 'skipped' }],
]);

function rowsFor(people) {
  return Array.from({ length: ROWS }, (_, index) => ({
    phone: BAD.has(index) ? BAD.get(index).phone : `+${people[index % people.length]}`,
    name: `Name ${index}`,
    text: `bulk ${index}`,
  }));
}

const toCsv = (rows) => ['phone,name,text', ...rows.map((row) => Object.values(row).join(','))].join('\n');

export async function bulk({ check, stage }) {
  const { workflows, n8n, people } = stage;
  const file = join(n8n.userFolder, 'recipients.csv');
  const rows = rowsFor(people);
  await writeFile(file, toCsv(rows));
  let execution;

  await check('bulk: 500 rows of a CSV file, 7 bad: every row has its own outcome', async () => {
    const workflow = await workflows.create(
      await example('bulk-send-csv.json', (find) => {
        find('Read File').parameters.fileSelector = file;
        find('Send to Everyone').parameters.session = byId(SESSION);
      }),
    );
    execution = await workflows.run(workflow, 'Run');
    assert.equal(execution.status, 'success', execution.error?.message);
    const report = execution.json('Report per Row');
    assert.equal(report.length, ROWS);
    for (const [index, outcome] of report.entries()) {
      const bad = BAD.get(index);
      const wanted = bad === undefined ? 'queued' : (bad.status ?? 'refused');
      assert.equal(outcome.status, wanted, `row ${index}: ${JSON.stringify(outcome)}`);
      assert.match(outcome.problem, bad?.says ?? /^$/, `row ${index}`);
    }
    const [started] = execution.data.resultData.runData['Send to Everyone'];
    return `the node took ${started.executionTime} ms`;
  });

  await check('bulk: outputs are linked to their rows', () => {
    for (const [index, item] of execution.items('Send to Everyone').entries())
      assert.equal(item.pairedItem.item, index);
  });

  await check('bulk: 493 arrive, each once, at the right person', async () => {
    const wanted = rows.flatMap(({ phone: to, name, text }, index) =>
      BAD.has(index) ? [] : [`${to.slice(1)} Hi ${name}, ${text}`],
    );
    await stage.queueEmpty();
    assert.deepEqual((await stage.shown(/bulk \d+$/)).sort(), wanted.sort());
  });

  await check('bulk: the report is a CSV file with a row for each', async () => {
    const [{ binary }] = execution.items('Report as CSV');
    const lines = (await n8n.file(binary.data)).toString('utf8').trim().split('\n');
    assert.equal(lines.length, ROWS + 1);
  });
}
