// Live pictures: while a session lasts, each fragment is sealed to that session's recipient, laid into the run folder (memory, not the card) and
// told to the uplink, which sends and removes it. Nothing waits: where the uplink does not keep up, pieces are left out.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { Order } from '../../protocol/command.ts';
import { type Sealer, sealer } from '../../protocol/seal.ts';
import type { LocalServer } from '../local.ts';
import type { Log } from '../log.ts';

type Start = Extract<Order, { name: 'live.start' }>['args'];

export interface Live {
  /** False where as many as may be are running. The same session again goes on for so long from now. */
  start(wanted: Start): boolean;
  /** False where there is no such session. */
  stop(session: string): boolean;
  init(bytes: Uint8Array): void;
  fragment(bytes: Uint8Array): void;
  /** For a wall. */
  jpeg(bytes: Uint8Array): void;
  settled(): Promise<void>;
}

export interface LiveWorld {
  readonly disk: Disk;
  readonly runDir: string;
  readonly local: Pick<LocalServer, 'tell'>;
  readonly monoMs: () => number;
  readonly log: Log;
}

/** Two officers may look; each session seals anew. */
const sessionsMax = 2;
/** A wall has a picture every so often. What it is on the line: docs/design/desk.md. */
const lowEveryMs = 5_000;
/** Pieces of a session in the run folder that nobody has taken: two seconds of picture. */
const untakenMax = 3;

interface Session {
  readonly sealer: Sealer;
  untilMs: number;
  /** Names not known to be taken. */
  readonly laid: string[];
  /** The next piece's number. */
  next: number;
  toldInit: boolean;
  readonly isLow: boolean;
  /** Of a low rate: when the next picture goes. */
  dueMs: number;
}

export function openLive(world: LiveWorld): Live {
  const { disk, runDir, local, monoMs, log } = world;
  const sessions = new Map<string, Session>();
  let init: Uint8Array | undefined;
  let queue: Promise<void> = Promise.resolve();

  const lay = async (id: string, session: Session, bytes: Uint8Array): Promise<void> => {
    await forgetTaken(session);
    if (session.laid.length >= untakenMax) return;
    const file = `live-${id}-${session.next++}.age`;
    const path = join(runDir, file);
    const draft = await disk.create(path);
    try {
      await draft.write(session.sealer.seal(bytes), 0);
    } finally {
      await draft.close();
    }
    session.laid.push(file);
    local.tell({ is: 'live', session: id, file });
  };
  /** What the uplink has taken is gone from the folder. */
  const forgetTaken = async (session: Session): Promise<void> => {
    if (session.laid.length === 0) return;
    const there = new Set(await disk.list(runDir));
    for (const file of session.laid.splice(0)) if (there.has(file)) session.laid.push(file);
  };
  const enqueue = (work: () => Promise<void>) => {
    queue = queue.then(work).catch((error: unknown) => log('warn', 'live picture left out', { error: String(error) }));
  };
  const end = (id: string, session: Session, why: string) => {
    sessions.delete(id);
    log('info', 'live ended', { session: id, why });
    enqueue(async () => {
      for (const file of session.laid) await disk.remove(join(runDir, file)).catch(() => undefined);
    });
  };
  const each = (work: (id: string, session: Session) => void) => {
    for (const [id, session] of sessions) {
      if (monoMs() >= session.untilMs) end(id, session, 'its time is over');
      else work(id, session);
    }
  };
  const tellInit = (id: string, session: Session) => {
    const bytes = init;
    if (bytes === undefined || session.toldInit || session.isLow) return;
    session.toldInit = true;
    enqueue(() => lay(id, session, bytes));
  };

  return {
    start: ({ session: id, recipient, seconds, rate }) => {
      const isLow = rate === 'low';
      each((known, session) => {
        if (isLow && session.isLow && known !== id) end(known, session, 'another wall looks');
      });
      const films = [...sessions.values()].filter((each) => !each.isLow).length;
      if (!isLow && films >= sessionsMax && !sessions.has(id)) return false;
      const untilMs = monoMs() + seconds * 1000;
      const fresh = { untilMs, laid: [], next: 0, toldInit: false, isLow, dueMs: 0 };
      const session = sessions.get(id) ?? { sealer: sealer([recipient]), ...fresh };
      session.untilMs = untilMs;
      sessions.set(id, session);
      log('info', 'live begins', { session: id, seconds, rate: rate ?? 'full' });
      tellInit(id, session);
      return true;
    },
    stop: (id) => {
      const session = sessions.get(id);
      if (session !== undefined) end(id, session, 'stopped');
      return session !== undefined;
    },
    init: (bytes) => {
      init = bytes;
      each((id, session) => {
        session.toldInit = false;
        tellInit(id, session);
      });
    },
    fragment: (bytes) =>
      each((id, session) => {
        if (!session.isLow) enqueue(() => lay(id, session, bytes));
      }),
    jpeg: (bytes) =>
      each((id, session) => {
        if (!session.isLow || monoMs() < session.dueMs) return;
        session.dueMs = monoMs() + lowEveryMs;
        enqueue(() => lay(id, session, bytes));
      }),
    settled: () => {
      for (const [id, session] of sessions) end(id, session, 'the recorder stops');
      return queue;
    },
  };
}
