// Named checks: each says what it shows, runs alone, and counts. Used by every file in checks/ through run.mjs.

const LIMIT_MS = 600_000;

/** @returns {{check: Function, summary: Function}} `check(name, work)` runs work, which throws when it does not hold. */
export function createChecks() {
  const results = [];
  return {
    /** Text that `work` returns is shown behind the name, for figures that were measured. */
    async check(name, work) {
      const begun = Date.now();
      const seconds = () => ((Date.now() - begun) / 1000).toFixed(1);
      try {
        const figure = await within(work());
        results.push({ name, ok: true });
        console.log(`ok      ${name}${typeof figure !== 'string' ? '' : `: ${figure}`} (${seconds()} s)`);
      } catch (error) {
        results.push({ name, ok: false });
        console.log(`FAILED  ${name} (${seconds()} s)\n${indent(error.stack ?? String(error))}`);
      }
    },
    /** Prints the counts. @returns whether everything held */
    summary() {
      const failed = results.filter(({ ok }) => !ok);
      for (const { name } of failed) console.log(`failed: ${name}`);
      console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
      return failed.length === 0;
    },
  };
}

/** A check that hangs has failed; the others go on. */
async function within(work) {
  let timer;
  const limit = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const indent = (text) => text.replace(/^/gm, '        ');

/**
 * Asks again until the answer holds, at most `timeoutMs` long. The pause between two questions is all the time that
 * passes for nothing. @returns the answer
 */
export async function eventually(question, { timeoutMs = 30_000, what = 'it' } = {}) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const { value, error } = await attempt(question);
    if (error === undefined && value !== undefined && value !== false) return value;
    if (Date.now() > end) {
      const last = error === undefined ? String(value) : error.message;
      throw new Error(`${what} did not come true within ${timeoutMs} ms; last: ${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function attempt(question) {
  try {
    return { value: await question() };
  } catch (error) {
    return { error };
  }
}
