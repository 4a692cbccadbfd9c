// One still an event: the first JPEG that was made after the subject came into view.
import type { Stamp } from '../../protocol/manifest.ts';
import type { Spool } from '../spool.ts';
import type { Troubles } from './troubles.ts';

/** Why a still is wanted; `fromMonoMs`: an older picture does not show the subject. */
export interface StillWish {
  readonly why: 'event' | 'command';
  readonly id: string;
  readonly fromMonoMs: number;
}

export interface Stills {
  jpeg(bytes: Uint8Array, monoMs: number): void;
  wish(wish: StillWish): void;
  /** The last good picture before somebody worked on the camera; the event's own first picture is part 0, this one part 1. */
  add(event: string, bytes: Uint8Array, monoMs: number): void;
  /** No picture will come any more: what is wished is served with the newest there is. */
  flush(): void;
  settled(): Promise<void>;
  counts(): { readonly stills: number };
}

/** More wishes than this at once come from a fault elsewhere. */
const wishesMax = 16;

export function openStills(spool: Spool, now: () => Stamp, troubles: Troubles): Stills {
  let newest: { bytes: Uint8Array; monoMs: number } | undefined;
  let wishes: StillWish[] = [];
  let queue: Promise<void> = Promise.resolve();
  const tally = { stills: 0 };

  const keep = (wish: Pick<StillWish, 'why' | 'id'>, jpeg: Uint8Array, monoMs: number, part = 0) => {
    const time = now();
    const taken = {
      ...time,
      monoMs: Math.round(monoMs),
      wallMs: time.wallMs === null ? null : Math.round(time.wallMs - (time.monoMs - monoMs)),
    };
    queue = queue.then(async () => {
      const stored = await spool.append({
        kind: 'still',
        class: 2,
        time: taken,
        of: { ...(wish.why === 'event' ? { event: wish.id } : {}), part, why: wish.why },
        body: { plain: jpeg, type: 'image/jpeg' },
      });
      if (stored.ok) tally.stills += 1;
      else troubles.raise(stored.why, `a still of ${wish.id} could not be written: ${String(stored.cause)}`);
    });
  };

  const serve = (force: boolean) => {
    const jpeg = newest;
    if (jpeg === undefined) return;
    const served = wishes.filter((wish) => force || jpeg.monoMs >= wish.fromMonoMs);
    wishes = wishes.filter((wish) => !served.includes(wish));
    for (const wish of served) keep(wish, jpeg.bytes, jpeg.monoMs);
  };

  return {
    jpeg: (bytes, monoMs) => {
      newest = { bytes, monoMs };
      serve(false);
    },
    wish: (wish) => {
      wishes = [...wishes, wish].slice(-wishesMax);
      serve(false);
    },
    add: (event, bytes, monoMs) => keep({ why: 'event', id: event }, bytes, monoMs, 1),
    flush: () => serve(true),
    settled: () => queue,
    counts: () => tally,
  };
}
