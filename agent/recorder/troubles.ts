// What is wrong now. Each trouble is told once when it begins and once when it is over: to the log, as a signed record, and in the vitals.

import type { FaultDetails } from '../../protocol/details.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import type { Log } from '../log.ts';
import type { Draft, Stored } from '../spool.ts';

export interface Troubles {
  raise(code: string, text: string): void;
  /** No effect when it does not stand. */
  over(code: string): void;
  /** Something that happened and does not stand. */
  note(code: string, text: string): void;
  standing(): readonly FaultDetails[];
  count(): number;
}

/** A fault that comes and goes is written at most this often; the vitals show it all the same. */
const sameCodeMs = 10_000;
const codesMax = 200;

export function openTroubles(append: (draft: Draft) => Promise<Stored>, now: () => Stamp, log: Log): Troubles {
  const standing = new Map<string, FaultDetails>();
  const writtenMonoMs = new Map<string, number>();
  const tally = { count: 0 };

  const write = (details: FaultDetails, word = details.standing ? 'fault' : 'fault over') => {
    log('warn', word, { code: details.code, text: details.text });
    const time = now();
    const before = writtenMonoMs.get(details.code);
    if (before !== undefined && details.standing && time.monoMs - before < sameCodeMs) return;
    if (writtenMonoMs.size >= codesMax) writtenMonoMs.clear();
    writtenMonoMs.set(details.code, time.monoMs);
    const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
    // A card that cannot take the fault record is itself a trouble, and stands in the vitals.
    append({ kind: 'fault', class: 1, time, body }).catch((error: unknown) =>
      log('error', 'fault record failed', { error: String(error) }),
    );
  };

  return {
    raise: (code, text) => {
      const details: FaultDetails = { code, standing: true, text: text.slice(0, 2000) };
      const before = standing.get(code);
      standing.set(code, details);
      if (before !== undefined) return;
      tally.count += 1;
      write(details);
    },
    over: (code) => {
      const before = standing.get(code);
      if (!standing.delete(code) || before === undefined) return;
      write({ ...before, standing: false });
    },
    note: (code, text) => {
      tally.count += 1;
      write({ code, standing: false, text: text.slice(0, 2000) }, 'noted');
    },
    standing: () => [...standing.values()],
    count: () => tally.count,
  };
}
