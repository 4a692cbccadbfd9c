// The clock behind the `Clock` port. A node mostly has no battery clock, so wall time counts only as far as someone vouches for it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Clock } from './ports.ts';

export interface ClockRules {
  /** `auto`: wall time only with a witness; `system`: the machine's clock is right (a server, a demo). */
  readonly trust: 'auto' | 'system';
  /** No moment before this one can be now (release time, or the last wall time this node knew). */
  readonly floorMs: number;
  /** Where /run and /sys hang; another folder in tests. */
  readonly root?: string;
  /** The machine's wall clock and its steady one; others in tests. */
  readonly wall?: () => number;
  readonly steady?: () => number;
}

/** Bounds on the error of each witness. NTP over a mobile link stays well within half a second; an RTC drifts a few seconds between corrections. */
const ntpErrorMs = 500;
const rtcErrorMs = 5000;
/** Quartz on boards is within ±100 ppm. */
const driftShare = 100e-6;
/** How long an answer of the file system stands; `now()` is called for every record. */
const witnessMs = 1000;

export function openClock(rules: ClockRules): Clock {
  const root = rules.root ?? '/';
  const wall = rules.wall ?? Date.now;
  const steady = rules.steady ?? (() => performance.now());
  const openedMs = steady();
  const monoMs = () => steady() - openedMs;
  let hub: { readonly hubMs: number; readonly monoMs: number; readonly errorMs: number } | undefined;
  let witness: { readonly is: 'ntp' | 'rtc' | undefined; readonly untilMonoMs: number } | undefined;

  const systemWitness = (nowMonoMs: number) => {
    if (witness === undefined || nowMonoMs >= witness.untilMonoMs) {
      witness = { is: findWitness(root), untilMonoMs: nowMonoMs + witnessMs };
    }
    return witness.is;
  };
  const hubTime = (nowMonoMs: number) => {
    if (hub === undefined) return undefined;
    const since = nowMonoMs - hub.monoMs;
    return { wallMs: hub.hubMs + since, errorMs: hub.errorMs + Math.abs(since) * driftShare };
  };

  return {
    monoMs,
    now: () => {
      const mono = monoMs();
      const wallMs = wall();
      if (rules.trust === 'system') return { monoMs: mono, wallMs, clock: 'ntp', errorMs: ntpErrorMs };
      const behind = wallMs < rules.floorMs;
      const by = systemWitness(mono);
      if (by === 'ntp' && !behind) return { monoMs: mono, wallMs, clock: 'ntp', errorMs: ntpErrorMs };
      const said = hubTime(mono);
      const rtc = by === 'rtc' && !behind;
      if (said !== undefined && (!rtc || said.errorMs <= rtcErrorMs)) return { monoMs: mono, ...said, clock: 'hub' };
      if (rtc) return { monoMs: mono, wallMs, clock: 'rtc', errorMs: rtcErrorMs };
      return { monoMs: mono, wallMs: null, clock: behind ? 'floor' : 'none', errorMs: 0 };
    },
    hubSays: (hubMs, atMonoMs, errorMs) => {
      // A signed time from before the floor is an old message played again.
      if (hubMs < rules.floorMs) return;
      const known = hubTime(atMonoMs);
      if (known === undefined || errorMs <= known.errorMs) hub = { hubMs, monoMs: atMonoMs, errorMs };
    },
  };
}

/** systemd-timesyncd touches its file when it has synchronised since boot; the kernel lists battery clocks. No process is asked. */
function findWitness(root: string): 'ntp' | 'rtc' | undefined {
  if (existsSync(join(root, 'run/systemd/timesync/synchronized'))) return 'ntp';
  const clocks = join(root, 'sys/class/rtc');
  return existsSync(clocks) && readdirSync(clocks).length > 0 ? 'rtc' : undefined;
}
