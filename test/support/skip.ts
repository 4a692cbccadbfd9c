// Skips that are heard: the reason is printed, counted and repeated in the runner's summary. A skip without a reason fails the file.
import type { Test } from 'uvu';

/**
 * `skipWhen(reason)(test)('name', …)`: registers as `test` does where `reason` is undefined, else skips with that reason.
 *
 *     const onlyRoot = skipWhen(process.getuid?.() === 0 ? undefined : 'needs root')(test);
 *     onlyRoot('mounts a card', async () => …);
 */
export function skipWhen(
  reason: string | undefined,
): <T>(test: Test<T>) => (name: string, body: Parameters<Test<T>>[1]) => void {
  return (test) => (name, body) => {
    if (reason === undefined) return test(name, body);
    process.stdout.write(`SKIP ${name}: ${reason}\n`);
    test.skip(name, body);
  };
}
