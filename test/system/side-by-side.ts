// Cases that mostly wait run two at a time; each is still a test of its own, told in its own place.

/** Begins at most `width` at once, in order. Each promise settles as its case does; none is unhandled before it is asked for. */
export function sideBySide<T>(width: number, bodies: readonly (() => Promise<T>)[]): readonly Promise<T>[] {
  const outcomes = bodies.map(() => Promise.withResolvers<T>());
  const waiting = [...bodies.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [n, body] = next;
      await body().then(outcomes[n]?.resolve, outcomes[n]?.reject);
    }
  };
  for (let n = 0; n < width; n += 1) void work();
  for (const { promise } of outcomes) promise.catch(() => undefined);
  return outcomes.map(({ promise }) => promise);
}
