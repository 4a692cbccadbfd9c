// Cases: events that belong together, under one name, held against deletion for as long as they are in it.
import * as z from 'zod';
import { limits } from '../limits.ts';
import type { DeskStore } from './store.ts';

export const caseTitleSchema = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\n\r]*$/, 'must be one line');

export interface CaseRow {
  readonly id: number;
  readonly title: string;
  readonly openedMs: number;
  readonly openedBy: string;
  readonly closedMs: number | null;
  readonly events: number;
}
export interface CaseEvent {
  readonly node: string;
  readonly id: string;
  /** The hold over its files. */
  readonly hold: string;
  readonly addedMs: number;
  readonly addedBy: string;
}

export interface Cases {
  /** Open ones first, newest first. */
  all(): CaseRow[];
  of(id: number): CaseRow | undefined;
  events(id: number): CaseEvent[];
  open(title: string, actor: string, atMs: number): number;
  /** False when it is in there already, or the case is full. */
  add(id: number, event: CaseEvent): boolean;
  remove(id: number, node: string, event: string): void;
  close(id: number, atMs: number): void;
  reopen(id: number): void;
  /** In any case, open or closed. */
  has(node: string, event: string): boolean;
}

export function openCases(store: DeskStore): Cases {
  const columns = `id, title, opened_ms AS openedMs, opened_by AS openedBy, closed_ms AS closedMs,
    (SELECT count(*) FROM case_event e WHERE e.case_id = case_file.id) AS events`;
  const events = (id: number) =>
    store.all<CaseEvent>(
      'SELECT node, id, hold, added_ms AS addedMs, added_by AS addedBy FROM case_event WHERE case_id = ? ORDER BY added_ms, node, id',
      id,
    );
  return {
    all: () =>
      store.all<CaseRow>(
        `SELECT ${columns} FROM case_file ORDER BY closed_ms IS NOT NULL, id DESC LIMIT ?`,
        limits.cases,
      ),
    of: (id) => store.all<CaseRow>(`SELECT ${columns} FROM case_file WHERE id = ?`, id)[0],
    events,
    open: (title, actor, atMs) =>
      store.all<{ id: number }>(
        'INSERT INTO case_file (title, opened_ms, opened_by) VALUES (?, ?, ?) RETURNING id',
        title,
        atMs,
        actor,
      )[0]?.id ?? 0,
    add: (id, { node, id: event, hold, addedMs, addedBy }) =>
      events(id).length < limits.eventsPerCase &&
      store.run(
        'INSERT INTO case_event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        ...[id, node, event, hold, addedMs, addedBy],
      ) === 1,
    remove: (id, node, event) =>
      void store.run('DELETE FROM case_event WHERE case_id = ? AND node = ? AND id = ?', id, node, event),
    close: (id, atMs) =>
      void store.run('UPDATE case_file SET closed_ms = ? WHERE id = ? AND closed_ms IS NULL', atMs, id),
    reopen: (id) => void store.run('UPDATE case_file SET closed_ms = NULL WHERE id = ?', id),
    has: (node, event) =>
      store.all('SELECT 1 FROM case_event WHERE node = ? AND id = ? LIMIT 1', node, event).length > 0,
  };
}
