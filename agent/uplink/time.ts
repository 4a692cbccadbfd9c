// The uplink's best idea of the time, for the expiry of commands: the hub's signed clock once it was heard, else the system's, never before the floor.

export interface HubTime {
  /** Unix ms. */
  wallMs(): number;
  /** Whether `wallMs` can be relied on: the hub was heard, or the system's clock has a witness. */
  isKnown(): boolean;
  /** The hub's clock read `hubMs`, at some moment between these two of ours (`performance.now()`). */
  heard(hubMs: number, fromMonoMs: number, toMonoMs: number): { hubMs: number; errorMs: number };
}

export function openHubTime(
  floorMs: number,
  monoMs: () => number,
  systemMs: () => number,
  systemIsTrusted: () => boolean,
): HubTime {
  let known: { readonly hubMs: number; readonly monoMs: number } | undefined;
  return {
    wallMs: () => (known === undefined ? Math.max(systemMs(), floorMs) : known.hubMs + (monoMs() - known.monoMs)),
    isKnown: () => known !== undefined || systemIsTrusted(),
    heard: (hubMs, fromMonoMs, toMonoMs) => {
      const errorMs = Math.max(0, toMonoMs - fromMonoMs) / 2;
      known = { hubMs: hubMs + errorMs, monoMs: toMonoMs };
      return { hubMs: hubMs + errorMs, errorMs };
    },
  };
}
