// Minutes that a node was asked for: how each asking stands now, from what the node said and what came.
import type { DatabaseSync } from 'node:sqlite';
import type { Answer } from '../dispatch.ts';
import type { DeskStore } from './store.ts';

export interface LookBackAsked {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}
/**
 * `asked`: the node has not answered yet · `coming`: it has said yes · `here`: all of it can be watched · `gone`: the node holds nothing of it
 * any more, or it was here and its time was over · `refused`: it could not be asked, or could not do it.
 */
type Standing = 'asked' | 'coming' | 'here' | 'gone' | 'refused';
export interface LookBackView extends LookBackAsked {
  readonly id: number;
  readonly askedMs: number;
  readonly actor: string;
  readonly state: Standing;
  /** Of `refused`. */
  readonly why: string | null;
  readonly url: string | null;
}
interface Row extends LookBackAsked {
  readonly id: number;
  readonly askedMs: number;
  readonly actor: string;
  /** `asked`, `taken`, `refused` as the node said; `here` once it was seen to be. */
  readonly state: string;
  /** What the node said; of `refused` its reason, a colon, its words. */
  readonly answer: string;
}
interface Come {
  readonly boot: string;
  readonly seq: number;
  readonly here: number;
  readonly parts: number;
}

/** A node answers within seconds; whoever waited for it longer has gone, with a hub that was stopped meanwhile. */
const answerMsMax = 120_000;
const shown = 20;

export interface LookBacks {
  /** The newest first. */
  newest(nowMs: number): LookBackView[];
  ask(asked: LookBackAsked, actor: string, atMs: number): number;
  answered(id: number, answer: Answer): void;
}

export function openLookBacks(store: DeskStore, db: DatabaseSync): LookBacks {
  const come = db.prepare(`SELECT r.boot, r.seq, count(s.seg) AS here, count(*) AS parts FROM record r
    JOIN clip_segment c ON c.node = r.node AND c.boot = r.boot AND c.seq = r.seq
    LEFT JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
    WHERE r.node = ? AND r.kind = 'clip' AND r.why = 'lookback' AND r.stored_ms >= ?
    GROUP BY r.boot, r.seq HAVING min(s.at_ms) < ? AND max(s.at_ms) + 10000 > ? ORDER BY r.stored_ms LIMIT 1`);
  const comeOf = ({ node, askedMs, fromMs, toMs }: Row) => come.get(node, askedMs, toMs, fromMs) as Come | undefined;

  const viewOf = (row: Row, nowMs: number): LookBackView => {
    const { id, node, fromMs, toMs, askedMs, actor } = row;
    const told = { id, node, fromMs, toMs, askedMs, actor, why: null, url: null };
    if (row.state === 'refused') {
      const why = row.answer.split(':')[0] ?? '';
      return why === 'gone' ? { ...told, state: 'gone' } : { ...told, state: 'refused', why };
    }
    if (row.state === 'asked')
      return nowMs - askedMs < answerMsMax ? { ...told, state: 'asked' } : { ...told, state: 'refused', why: 'silent' };
    const clip = comeOf(row);
    if (clip === undefined) return { ...told, state: row.state === 'here' ? 'gone' : 'coming' };
    const url = `/api/clip/${node}/${clip.boot}/${clip.seq}.mp4`;
    if (clip.here < clip.parts) return { ...told, state: 'coming', url };
    if (row.state !== 'here') store.run("UPDATE lookback SET state = 'here' WHERE id = ?", id);
    return { ...told, state: 'here', url };
  };

  return {
    newest: (nowMs) =>
      store
        .all<Row>(
          `SELECT id, node, from_ms AS fromMs, to_ms AS toMs, asked_ms AS askedMs, actor, state, answer FROM lookback ORDER BY id DESC LIMIT ${shown}`,
        )
        .map((row) => viewOf(row, nowMs)),
    ask: ({ node, fromMs, toMs }, actor, atMs) =>
      store.all<{ id: number }>(
        `INSERT INTO lookback (node, from_ms, to_ms, asked_ms, actor, state, answer) VALUES (?, ?, ?, ?, ?, 'asked', '') RETURNING id`,
        ...[node, fromMs, toMs, atMs, actor],
      )[0]?.id ?? 0,
    answered: (id, answer) =>
      void store.run(
        'UPDATE lookback SET state = ?, answer = ? WHERE id = ?',
        answer.ok ? 'taken' : 'refused',
        answer.ok ? answer.text : `${answer.why}: ${answer.text}`,
        id,
      ),
  };
}
