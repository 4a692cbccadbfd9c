// Rollouts in the desk's book: the one that is going, and those before it. The hub and `matlang hub rollout` beside it both write, each change in one transaction.
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import type { DeskStore } from '../desk/store.ts';
import { rings, standings, type Wave } from './wave.ts';

const time = z.number();
const waveSchema = z.strictObject({
  release: z.string().max(64),
  quietMs: z.number().nonnegative(),
  is: z.enum(['going', 'done', 'stopped']),
  ring: z.enum(rings),
  settledMs: time.nullable(),
  lookedInto: z.array(nameSchema),
  why: z.string(),
  nodes: z.array(
    z.strictObject({
      node: nameSchema,
      ring: z.enum(rings),
      standing: z.enum(standings),
      sinceMs: time,
      toldMs: time.nullable(),
      text: z.string(),
    }),
  ),
});

export interface Rollout {
  readonly id: number;
  readonly approvedMs: number;
  /** Account of the technician who let it go. */
  readonly approvedBy: string;
  readonly wave: Wave;
}

const columns = 'id, approved_ms AS approvedMs, approved_by AS approvedBy, wave';
type Row = Omit<Rollout, 'wave'> & { readonly wave: string };
const rolloutOf = (row: Row): Rollout => ({ ...row, wave: waveSchema.parse(JSON.parse(row.wave)) });

export const latestRollout = (store: DeskStore): Rollout | undefined =>
  store.all<Row>(`SELECT ${columns} FROM rollout ORDER BY id DESC LIMIT 1`).map(rolloutOf)[0];

/** False while another is going. */
export const beginRollout = (store: DeskStore, wave: Wave, approvedBy: string, nowMs: number): boolean =>
  store.together(() => {
    if (latestRollout(store)?.wave.is === 'going') return false;
    const sql = 'INSERT INTO rollout (approved_ms, approved_by, wave) VALUES (?, ?, ?)';
    return store.run(sql, nowMs, approvedBy, JSON.stringify(wave)) === 1;
  });

/** Changes the one that is going, and returns it; undefined where none is. */
export const changeRollout = (store: DeskStore, change: (wave: Wave) => Wave): Rollout | undefined =>
  store.together(() => {
    const rollout = latestRollout(store);
    if (rollout === undefined || rollout.wave.is !== 'going') return undefined;
    const wave = change(rollout.wave);
    if (wave !== rollout.wave) store.run('UPDATE rollout SET wave = ? WHERE id = ?', JSON.stringify(wave), rollout.id);
    return { ...rollout, wave };
  });
