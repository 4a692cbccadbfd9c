// How long the disk will do: told while there is still time to act.
import type { DatabaseSync } from 'node:sqlite';
import type { Disk } from '../../hal/ports.ts';

/** `low`: somebody must see to it · `full`: the hub takes nothing more, and the nodes keep what they have. */
export interface Outlook {
  readonly state: 'ok' | 'low' | 'full';
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What came in a day, over the last week. */
  readonly perDayBytes: number;
}

/** Time for somebody to come and bring a disk. */
const daysNeeded = 3;
const hourMs = 3_600_000;
const weekMs = 168 * hourMs;
const everyMs = 60_000;

export interface OutlookWatch {
  now(): Outlook | undefined;
  look(): Promise<void>;
  close(): void;
}

export function outlookOf(freeBytes: number, totalBytes: number, perDayBytes: number, keepFreeBytes: number): Outlook {
  const roomBytes = freeBytes - keepFreeBytes;
  const isLow = roomBytes < Math.max(daysNeeded * perDayBytes, keepFreeBytes);
  return { state: roomBytes < 0 ? 'full' : isLow ? 'low' : 'ok', freeBytes, totalBytes, perDayBytes };
}

/** `told` is called when the state changes. */
export function watchOutlook(
  { disk, db, folder, wallMs }: { disk: Pick<Disk, 'space'>; db: DatabaseSync; folder: string; wallMs: () => number },
  keepFreeBytes: number,
  told: (outlook: Outlook) => void,
): OutlookWatch {
  const came = db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM stored_hour WHERE hour > ?');
  let last: Outlook | undefined;
  const look = async () => {
    const { freeBytes, totalBytes } = await disk.space(folder);
    const perDayBytes = Number(came.get(Math.floor((wallMs() - weekMs) / hourMs))?.bytes ?? 0) / 7;
    const before = last?.state ?? 'ok';
    last = outlookOf(freeBytes, totalBytes, perDayBytes, keepFreeBytes);
    if (last.state !== before) told(last);
  };
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  timer.unref();
  return { now: () => last, look, close: () => clearInterval(timer) };
}
