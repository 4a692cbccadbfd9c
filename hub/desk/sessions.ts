// Who sits at which browser. A token is known to the browser alone; here lies its hash.
import { randomBytes } from 'node:crypto';
import { sha256 } from '../../protocol/sign.ts';
import { findAccount } from './accounts.ts';
import type { Role, Standing } from './roles.ts';
import type { DeskStore } from './store.ts';

export interface Person {
  readonly token: string;
  readonly name: string;
  readonly fullName: string;
  readonly role: Role;
  readonly standing: Standing;
  readonly csrf: string;
  readonly mustChange: boolean;
}

/** Idle: without a hand at the desk. `personMsMax`: a shift with its hand-over. A TV hangs for a year. */
export const sessionRules = {
  idleMs: 30 * 60_000,
  personMsMax: 14 * 3_600_000,
  tvMsMax: 365 * 86_400_000,
  perAccount: 10,
} as const;

export interface Sessions {
  begin(account: string, tv: boolean): { token: string; csrf: string };
  /** Undefined when there is no such session, its time is over, or its account was disabled. */
  find(token: string): Person | undefined;
  /** A hand moved. */
  touch(token: string): void;
  end(token: string): void;
  /** A link that signs in without a password, as often as `uses` says, until then. */
  makeLink(account: string, more: { tv: boolean; uses: number; untilMs: number }): string;
  /** The account to begin a session for. */
  useLink(token: string): { account: string; tv: boolean } | undefined;
}

interface Row {
  readonly account: string;
  readonly csrf: string;
  readonly begunMs: number;
  readonly activeMs: number;
  readonly tv: number;
}

export function openSessions(store: DeskStore, wallMs: () => number): Sessions {
  const invent = () => randomBytes(32).toString('base64url');
  return {
    begin: (account, tv) => {
      const token = invent();
      const csrf = invent();
      const nowMs = wallMs();
      store.together(() => {
        store.run(
          'INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)',
          sha256(token),
          account,
          csrf,
          nowMs,
          nowMs,
          tv ? 1 : 0,
        );
        store.run(
          'DELETE FROM session WHERE account = ?1 AND tv = ?2 AND token NOT IN (SELECT token FROM session WHERE account = ?1 AND tv = ?2 ORDER BY begun_ms DESC LIMIT ?3)',
          account,
          tv ? 1 : 0,
          sessionRules.perAccount,
        );
      });
      return { token, csrf };
    },
    find: (token) => {
      const sql = 'SELECT account, csrf, begun_ms AS begunMs, active_ms AS activeMs, tv FROM session WHERE token = ?';
      const row = store.all<Row>(sql, sha256(token))[0];
      const account = row === undefined ? undefined : findAccount(store, row.account);
      if (row === undefined || account === undefined || account.disabled) return undefined;
      const nowMs = wallMs();
      if (nowMs - row.begunMs > (row.tv === 1 ? sessionRules.tvMsMax : sessionRules.personMsMax)) return undefined;
      const { name, fullName, role, mustChange } = account;
      const resting = nowMs - row.activeMs > sessionRules.idleMs;
      const standing = row.tv === 1 ? 'tv' : resting ? 'resting' : role;
      return { token, name, fullName, role, standing, csrf: row.csrf, mustChange: row.tv === 0 && mustChange };
    },
    touch: (token) => void store.run('UPDATE session SET active_ms = ? WHERE token = ?', wallMs(), sha256(token)),
    end: (token) => void store.run('DELETE FROM session WHERE token = ?', sha256(token)),
    makeLink: (account, { tv, uses, untilMs }) => {
      const token = invent();
      store.run('DELETE FROM link WHERE until_ms < ? OR uses = 0', wallMs());
      store.run('INSERT INTO link VALUES (?, ?, ?, ?, ?)', sha256(token), account, tv ? 1 : 0, untilMs, uses);
      return token;
    },
    useLink: (token) => {
      const sql = `UPDATE link SET uses = uses - 1 WHERE token = ? AND uses > 0 AND until_ms > ? RETURNING account, tv`;
      const row = store.all<{ account: string; tv: number }>(sql, sha256(token), wallMs())[0];
      return row === undefined ? undefined : { account: row.account, tv: row.tv === 1 };
    },
  };
}
