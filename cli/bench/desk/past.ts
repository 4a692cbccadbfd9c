// A month of a busy commune, put into the catalogue as the hub itself would have: rows only, their files are never asked for.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalog } from '../../../hub/catalog.ts';
import { soughtBy } from '../../../hub/catalog-add.ts';
import { openDeskStore } from '../../../hub/desk/store.ts';
import { sha256 } from '../../../protocol/sign.ts';

/** Where each node's chain goes on. */
export interface PastEnd {
  readonly node: string;
  readonly boot: string;
  readonly seq: number;
  readonly prev: string;
  /** Its wall time less its steady clock. */
  readonly aheadMs: number;
}

const dayMs = 86_400_000;
/** Events older than twelve hours have left the queue. */
const endsAgoMs = dayMs;
const daysUsual = 29;
const alarmEach = 100;
const fake = (text: string) => sha256(Buffer.from(text));

export function writePast(
  hubDir: string,
  nodes: readonly string[],
  events: number,
  nowMs: number,
  days = daysUsual,
): PastEnd[] {
  const spreadMs = days * dayMs;
  const { catalog } = openCatalog(join(hubDir, 'index.sqlite'));
  const { db } = catalog;
  const record = db.prepare(
    `INSERT INTO record (node, boot, seq, sha256, prev, kind, class, mono_ms, wall_ms, clock, error_ms, at_ms, at_error_ms, at_by, name, bytes,
     event_id, of_event, part, why, stored_ms, kept_from_ms) VALUES (?,?,?,?,?,?,?, ?,?,'ntp',5,?,5,'own',?,?, ?,?,?,?,?,?)`,
  );
  const segment = db.prepare('INSERT INTO segment VALUES (?,?,?, ?,?,?, ?,2000,?,?, ?,250000,?,?)');
  const part = db.prepare('INSERT INTO clip_segment VALUES (?,?,?,?, ?,?,2000)');
  const event = db.prepare("INSERT INTO event VALUES (?,?,?,?, ?,5,'own',?,?, 'motion',?,1,?,?, ?,?,?)");
  const aheadMs = nowMs - 2 * spreadMs;
  const store = openDeskStore(hubDir);
  const ends = nodes.map((node, index): PastEnd => {
    const boot = `000001.${String(index).padStart(8, '0')}`;
    const chain = { seq: 0, seg: 0, prev: null as string | null };
    const link = (kind: string, atMs: number, id: string) => {
      const { seq, prev } = chain;
      const hash = fake(`${node}/${seq}`);
      const own = kind === 'event';
      record.run(
        ...[node, boot, seq, hash, prev, kind, own ? 1 : 2, atMs - aheadMs, atMs, atMs],
        ...[`${boot}-${seq}-${kind}-${hash.slice(0, 16)}.rec`, 9000, own ? id : null, own ? null : id, own ? null : 0],
        ...[own ? null : 'event', atMs, atMs],
      );
      chain.seq += 1;
      chain.prev = hash;
      return seq;
    };
    const mine = Math.ceil((events - index) / nodes.length);
    catalog.together(() => {
      for (let count = 0; count < mine; count++) {
        const atMs = nowMs - endsAgoMs - spreadMs + (count * spreadMs) / mine;
        const id = `past-${index}-${count}`;
        const level = count % alarmEach === 0 ? 'alarm' : 'event';
        const first = link('event', atMs, id);
        link('still', atMs + 500, id);
        link('event', atMs + 6000, id);
        const clip = link('clip', atMs + 7000, id);
        for (const place of [0, 1]) {
          const seg = chain.seg++;
          const hash = fake(`${node} ${seg}`);
          segment.run(
            ...[node, boot, seg, hash, hash, hash, seg * 2000, atMs, atMs],
            ...[`${boot}-${seg}-${hash.slice(0, 16)}.seg`, atMs, atMs],
          );
          part.run(node, boot, clip, place, boot, seg);
        }
        const turn = `${boot}-${String(first).padStart(10, '0')}`;
        const details = detailsOf(id, level);
        event.run(
          ...[node, id, boot, first, atMs, atMs, atMs],
          ...[level, turn, JSON.stringify(details)],
          ...soughtBy(details),
        );
        if (level === 'alarm')
          store.run("INSERT INTO ack VALUES (?, ?, ?, 'officer:bench', 'sent', '', '')", node, id, atMs + 30_000);
      }
    });
    catalog.status(node, {
      state: 'online',
      sinceMs: nowMs,
      release: 'bench',
      boot,
      title: `Mắt ${String(index + 1).padStart(2, '0')}`,
    });
    const folder = join(hubDir, 'archive', node, boot);
    mkdirSync(folder, { recursive: true });
    db.prepare('INSERT INTO shelf VALUES (?, ?, ?)').run(node, boot, statSync(folder).mtimeMs);
    return { node, boot, seq: chain.seq, prev: chain.prev ?? '', aheadMs };
  });
  store.close();
  catalog.close();
  return ends;
}

const detailsOf = (id: string, level: string) => ({
  ...{ id, trigger: 'motion', level, firstMonoMs: 1000, lastMonoMs: 5000, peakShare: 0.04 },
  ...{ boxes: [{ x: 0.4, y: 0.3, w: 0.1, h: 0.3 }], zones: ['Cổng làng'], reason: 'Người đi qua vùng Cổng làng' },
});
