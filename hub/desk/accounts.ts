// People who may sign in.
import * as z from 'zod';
import { hashPassword } from './passwords.ts';
import { type Role, roles } from './roles.ts';
import type { DeskStore } from './store.ts';

export const accountNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{1,31}$/, 'must be 2 to 32 of a to z, 0 to 9, . and -');
export const roleSchema = z.enum(roles);
export const accountSchema = z.strictObject({
  name: accountNameSchema,
  fullName: z.string().trim().min(1).max(80),
  role: roleSchema,
});

export interface Account {
  readonly name: string;
  readonly fullName: string;
  readonly role: Role;
  readonly hash: string;
  readonly mustChange: boolean;
  readonly disabled: boolean;
}

const columns = 'name, full_name AS fullName, role, hash, must_change AS mustChange, disabled';
type Row = Omit<Account, 'mustChange' | 'disabled'> & { mustChange: number; disabled: number };
const accountOf = (row: Row): Account => ({ ...row, mustChange: row.mustChange === 1, disabled: row.disabled === 1 });

export const findAccount = (store: DeskStore, name: string): Account | undefined =>
  store.all<Row>(`SELECT ${columns} FROM account WHERE name = ?`, name).map(accountOf)[0];

export const allAccounts = (store: DeskStore): Account[] =>
  store.all<Row>(`SELECT ${columns} FROM account ORDER BY name`).map(accountOf);

/** Its first password has to be changed. False when the name is taken. */
export async function addAccount(
  store: DeskStore,
  account: z.infer<typeof accountSchema>,
  password: string,
  wallMs: number,
): Promise<boolean> {
  const { name, fullName, role } = accountSchema.parse(account);
  const hash = await hashPassword(password);
  const sql = 'INSERT INTO account VALUES (?, ?, ?, ?, 1, 0, ?) ON CONFLICT DO NOTHING';
  return store.run(sql, name, fullName, role, hash, wallMs) === 1;
}

/** Ends every session but the one named: whoever knew the old password is out. */
export async function setPassword(
  store: DeskStore,
  name: string,
  password: string,
  more: { mustChange: boolean; keep?: string },
) {
  const hash = await hashPassword(password);
  return store.together(() => {
    store.run('DELETE FROM session WHERE account = ? AND token <> ?', name, more.keep ?? '');
    store.run('DELETE FROM link WHERE account = ?', name);
    return (
      store.run('UPDATE account SET hash = ?, must_change = ? WHERE name = ?', hash, more.mustChange ? 1 : 0, name) ===
      1
    );
  });
}

/** A disabled account's sessions and links end at once. */
export function setDisabled(store: DeskStore, name: string, disabled: boolean): boolean {
  return store.together(() => {
    if (disabled) {
      store.run('DELETE FROM session WHERE account = ?', name);
      store.run('DELETE FROM link WHERE account = ?', name);
    }
    return store.run('UPDATE account SET disabled = ? WHERE name = ?', disabled ? 1 : 0, name) === 1;
  });
}
