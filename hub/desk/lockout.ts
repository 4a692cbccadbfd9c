// Five wrong passwords in 30 s close an account's door for 5 minutes; whether there is such an account does not show.
export interface Lockout {
  /** Until when it is closed; undefined while it is open. */
  closedUntil(name: string): number | undefined;
  failed(name: string): void;
  /** Opens its door: the right password was given, or somebody who may has said so. */
  forget(name: string): void;
}

export const lockRules = { failures: 5, withinMs: 30_000, closedMs: 300_000, namesMax: 1000 } as const;

export function openLockout(wallMs: () => number): Lockout {
  const doors = new Map<string, { failures: number[]; closedUntilMs: number }>();
  return {
    closedUntil: (name) => {
      const until = doors.get(name)?.closedUntilMs ?? 0;
      return until > wallMs() ? until : undefined;
    },
    failed: (name) => {
      const nowMs = wallMs();
      const door = doors.get(name);
      const failures = [...(door?.failures ?? []).filter((atMs) => nowMs - atMs < lockRules.withinMs), nowMs];
      const isFull = failures.length >= lockRules.failures;
      // Set anew, so that the one not tried for longest is forgotten first.
      doors.delete(name);
      doors.set(
        name,
        isFull ? { failures: [], closedUntilMs: nowMs + lockRules.closedMs } : { failures, closedUntilMs: 0 },
      );
      for (const oldest of doors.keys()) {
        if (doors.size <= lockRules.namesMax) break;
        doors.delete(oldest);
      }
    },
    forget: (name) => void doors.delete(name),
  };
}
