// When the sources were made: the same for whoever builds them.
import { runShort } from '../../hal/short-child.ts';

/** Unix seconds of the checkout's last commit, or what SOURCE_DATE_EPOCH says; undefined where there is neither. */
export async function committedS(checkout: string): Promise<number | undefined> {
  const told = process.env.SOURCE_DATE_EPOCH;
  if (told !== undefined && /^\d{1,12}$/.test(told)) return Number(told);
  const run = await runShort('git', ['-C', checkout, 'log', '-1', '--format=%ct'], { timeoutMs: 10_000 });
  return run.ok ? Number(run.out) : undefined;
}
