// What people know of a point and no camera can: its hamlet, who of the neighbourhood guard is near, where it stands on the plan.
import * as z from 'zod';
import type { DeskStore } from './store.ts';

const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^[^\n\r]*$/, 'must be one line')
    .default('');
export const pointSchema = z.strictObject({
  hamlet: line(80),
  contact: line(80),
  phone: z
    .string()
    .trim()
    .regex(/^[0-9+ .()-]{0,24}$/, 'must be a telephone number')
    .default(''),
  /** Parts of the plan's width and height, from its upper left corner. */
  x: z.number().min(0).max(1).nullable().default(null),
  y: z.number().min(0).max(1).nullable().default(null),
});
export type Point = z.output<typeof pointSchema>;

const nothing: Point = { hamlet: '', contact: '', phone: '', x: null, y: null };

export const pointOf = (store: DeskStore, node: string): Point =>
  store.all<Point>('SELECT hamlet, contact, phone, x, y FROM point WHERE node = ?', node)[0] ?? nothing;

export const setPoint = (store: DeskStore, node: string, { hamlet, contact, phone, x, y }: Point): void =>
  void store.run('INSERT OR REPLACE INTO point VALUES (?, ?, ?, ?, ?, ?)', node, hamlet, contact, phone, x, y);
