// How long to wait for what may never come. A limit ends a test that waits in vain; it must not end one whose machine is busy with other things.
import { availableParallelism, loadavg } from 'node:os';

/** How many want each core (or the disk) just now, as the kernel's mean over the last minute tells; 1 on a machine with room. Whole, as timers want what is multiplied by it. */
export function crowding(): number {
  return Math.max(1, Math.ceil((loadavg()[0] ?? 0) / availableParallelism()));
}

/** Time as an idle machine would count it. To be asked often: each stretch counts by how crowded it was. */
export function fairClock(): () => number {
  const state = { atMs: performance.now(), fairMs: 0 };
  return () => {
    const nowMs = performance.now();
    state.fairMs += (nowMs - state.atMs) / crowding();
    state.atMs = nowMs;
    return state.fairMs;
  };
}
