// One line of the hub's log of who did what: a compact JWS by the hub, chained to the line before it.
import * as z from 'zod';
import { nameSchema, sha256Schema } from './identity.ts';

const auditActions = [
  'start',
  'stop',
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'view',
  'acknowledge',
  'hand-over',
  'export',
  'slip',
  'hold',
  'release',
  'unlock',
  'command',
  'change',
  'enrol',
  'revoke',
  'backup',
  'restore',
  'delete',
  'import',
] as const;

export const auditLineSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  /** From 0, no gaps. */
  n: z.number().int().nonnegative(),
  /** SHA-256 of the line before, without its newline; null on the first. */
  prev: sha256Schema.nullable(),
  /** The hub's clock, Unix ms. */
  atMs: z.number(),
  /** Who: `officer:an`, `cli:root`, `hub`. */
  actor: z.string().min(1).max(128),
  action: z.enum(auditActions),
  /** To what: `event mat-01/5f3c`, `node mat-01`, `account an`. */
  subject: z.string().max(300),
  reason: z.string().max(1000).optional(),
  details: z.record(z.string().max(32), z.union([z.string().max(1000), z.number(), z.boolean(), z.null()])).optional(),
});
export type AuditLine = z.infer<typeof auditLineSchema>;

/** What is told to the log; the rest of the line is the log's own. */
export type AuditEntry = Pick<AuditLine, 'actor' | 'action' | 'subject' | 'reason' | 'details'>;
