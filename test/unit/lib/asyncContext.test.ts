import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { needsSharedContext, shareAsyncContext } from '../../../gateway/src/lib/asyncContext.js';

/** Node's own class stays as it is for everybody else in this process. */
class Shared<Store> extends AsyncLocalStorage<Store> {}
shareAsyncContext(Shared);

/** The same story with each class; what it sees must not differ. */
async function story(Storage: typeof AsyncLocalStorage): Promise<unknown[]> {
  const [a, b] = [new Storage<string>(), new Storage<number>()];
  const seen: unknown[] = [];
  const look = (): unknown => seen.push([a.getStore(), b.getStore()]);
  let bound = (): void => undefined;
  look();
  await a.run('outer', async () => {
    look();
    await turn();
    look();
    const inner = b.run(1, async () => {
      look();
      bound = AsyncResource.bind(() => void look());
      await Promise.all([
        turn().then(look),
        a.run('inner', async () => {
          await turn();
          look();
          b.exit(look);
          look();
        }),
      ]);
      look();
    });
    look();
    await inner;
    look();
  });
  bound();
  a.run('again', bound);
  look();
  await new AsyncResource('entered').runInAsyncScope(async () => {
    a.enterWith('entered');
    await turn();
    look();
    a.disable();
    look();
    a.run('after', look);
  });
  await expect(a.run('failing', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(() =>
    a.run('failing', () => {
      throw new Error('at once');
    }),
  ).toThrow('at once');
  look();
  expect(a.run('with arguments', (one: number, two: number) => one + two, 1, 2)).toBe(3);
  return seen;
}

test('what is seen is the same with one storage for all as with one each', async () => {
  const own = await story(AsyncLocalStorage);
  expect(await story(Shared)).toEqual(own);
  expect(own).toContainEqual(['inner', 1]);
});

test('only Node before 24 needs it', () => {
  expect(['20.19.0', '22.22.0', '24.0.0', '26.1.0'].map(needsSharedContext)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
