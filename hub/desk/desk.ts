// The desk's book with what is done in it, opened and closed as one.
import { type Lockout, openLockout } from './lockout.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { type DeskStore, openDeskStore } from './store.ts';

export interface Desk {
  readonly store: DeskStore;
  readonly sessions: Sessions;
  readonly lockout: Lockout;
  close(): void;
}

export function openDesk(dataDir: string, wallMs: () => number): Desk {
  const store = openDeskStore(dataDir);
  return { store, sessions: openSessions(store, wallMs), lockout: openLockout(wallMs), close: store.close };
}
