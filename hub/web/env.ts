import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type * as z from 'zod';

export interface Env {
  Bindings: HttpBindings;
}
export type App = Hono<Env>;

/** The body as the schema has it, or the answer that says what is wrong with it. */
export async function bodyOf<T extends z.ZodType>(
  c: Context<Env>,
  schema: T,
): Promise<{ ok: true; body: z.output<T> } | { ok: false; answer: Response }> {
  const told: unknown = await c.req.json().catch(() => undefined);
  const read = schema.safeParse(told);
  if (read.success) return { ok: true, body: read.data };
  const issue = read.error.issues[0];
  return { ok: false, answer: c.json({ error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }, 400) };
}
