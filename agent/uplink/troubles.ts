// What the uplink must not keep to itself: told to the recorder when it begins and when it is over, and all that stands again to a recorder that joins.
import type { LocalClient } from '../local.ts';
import type { Log } from '../log.ts';

export type TroubleCode =
  | 'spool-damaged'
  | 'hub-refused'
  | 'broker-refused'
  | 'spool-unreadable'
  | 'data-budget'
  | 'not-the-hub';

export interface Troubles {
  /** Told once while it stands; a later text replaces the earlier one silently. */
  raise(code: TroubleCode, text: string): void;
  clear(code: TroubleCode): void;
  tellAgain(): void;
}

const textMax = 2000;

export function openTroubles(recorder: Pick<LocalClient, 'tell'>, log: Log): Troubles {
  const standing = new Map<TroubleCode, string>();
  const tell = (code: TroubleCode, isStanding: boolean, text: string) =>
    recorder.tell({ is: 'fault', code, standing: isStanding, text: text.slice(0, textMax) });
  return {
    raise: (code, text) => {
      log('warn', code, { text });
      const told = standing.has(code);
      standing.set(code, text);
      if (!told) tell(code, true, text);
    },
    clear: (code) => {
      const text = standing.get(code);
      if (text === undefined) return;
      standing.delete(code);
      tell(code, false, text);
    },
    tellAgain: () => {
      for (const [code, text] of standing) tell(code, true, text);
    },
  };
}
