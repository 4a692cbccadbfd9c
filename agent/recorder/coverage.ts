// Each hour a record says which minutes were recorded: the ring may lose its oldest segments without a word, because this stays.
import type { CoverageDetails } from '../../protocol/details.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { type Range, withRange } from '../core/coverage.ts';
import type { Spool } from '../spool.ts';

const everyMs = 3_600_000;
/** A camera that fails every few seconds; the record is then written early. */
const rangesMax = 3000;

export interface Coverage {
  add(range: Range): void;
  /** Writes when the hour is over. */
  tick(): void;
  write(): Promise<void>;
}

export function openCoverage(append: Spool['append'], now: () => Stamp): Coverage {
  let fromMonoMs = now().monoMs;
  let recorded: readonly Range[] = [];

  const write = async () => {
    const time = now();
    const details: CoverageDetails = { fromMonoMs, toMonoMs: time.monoMs, recorded: [...recorded] };
    fromMonoMs = time.monoMs;
    recorded = [];
    await append({
      kind: 'coverage',
      class: 5,
      time,
      body: { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' },
    });
  };
  return {
    add: (range) => {
      recorded = withRange(recorded, range);
    },
    tick: () => {
      if (now().monoMs - fromMonoMs >= everyMs || recorded.length >= rangesMax) void write();
    },
    write,
  };
}
