// The board's own clocks, and who vouches for the wall clock. A node mostly has no battery clock.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { BoardClock } from './ports.ts';

export interface BoardClockRules {
  /** `auto`: wall time only with a witness; `system`: the machine's clock is right (a server, a demo). */
  readonly trust: 'auto' | 'system';
  /** Where /run and /sys hang; another folder in tests. */
  readonly root?: string;
  /** The machine's wall clock and its steady one; others in tests. */
  readonly wall?: () => number;
  readonly steady?: () => number;
}

/** Bounds on the error of each witness. NTP over a mobile link stays well within half a second; an RTC drifts a few seconds between corrections. */
const ntpErrorMs = 500;
const rtcErrorMs = 5000;
/** How long an answer of the file system stands; `look()` is called for every record. */
const witnessMs = 1000;

export function openBoardClock(rules: BoardClockRules): BoardClock {
  const root = rules.root ?? '/';
  const wall = rules.wall ?? Date.now;
  const steady = rules.steady ?? (() => performance.now());
  const openedMs = steady();
  const monoMs = () => steady() - openedMs;
  let witness: { readonly is: 'ntp' | 'rtc' | undefined; readonly untilMonoMs: number } | undefined;

  const witnessAt = (nowMonoMs: number) => {
    if (rules.trust === 'system') return 'ntp';
    if (witness === undefined || nowMonoMs >= witness.untilMonoMs) {
      witness = { is: findWitness(root), untilMonoMs: nowMonoMs + witnessMs };
    }
    return witness.is;
  };
  return {
    monoMs,
    look: () => {
      const nowMonoMs = monoMs();
      const by = witnessAt(nowMonoMs);
      return { monoMs: nowMonoMs, wallMs: wall(), by, errorMs: by === 'rtc' ? rtcErrorMs : ntpErrorMs };
    },
  };
}

/** systemd-timesyncd touches its file when it has synchronised since boot; the kernel lists battery clocks. No process is asked. */
function findWitness(root: string): 'ntp' | 'rtc' | undefined {
  if (existsSync(join(root, 'run/systemd/timesync/synchronized'))) return 'ntp';
  const clocks = join(root, 'sys/class/rtc');
  return existsSync(clocks) && readdirSync(clocks).length > 0 ? 'rtc' : undefined;
}
