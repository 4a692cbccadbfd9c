// What is done to an account, at the desk and by `matlang hub account` alike: what must hold first, what is written down, and then the deed.
import type * as z from 'zod';
import type { Audit } from '../audit.ts';
import { type accountSchema, addAccount, findAccount, setDisabled, setPassword } from './accounts.ts';
import { inventPassword } from './passwords.ts';
import { openSessions } from './sessions.ts';
import type { DeskStore } from './store.ts';

/** Who: as the audit log names it, and her own account; at the command line there is none. */
export interface Who {
  readonly actor: string;
  readonly account?: string;
}
/** `own`: she would shut herself out, and the hub be without anybody who may let people in · `out`: her own account was closed meanwhile. */
export type Refused = { readonly ok: false; readonly why: 'none' | 'taken' | 'own' | 'out' };
export type Done = Refused | { readonly ok: true };
/** A password that works once: it is told here and never again. */
export type Given = Refused | { readonly ok: true; readonly password: string };

export interface AccountActs {
  add(who: Who, account: z.infer<typeof accountSchema>): Promise<Given>;
  reset(who: Who, name: string): Promise<Given>;
  close(who: Who, name: string): Promise<Done>;
  open(who: Who, name: string): Promise<Done>;
  /** For the screen on the wall: signs in once, within the hour. */
  tvLink(who: Who, name: string): Promise<Refused | { readonly ok: true; readonly token: string }>;
}

const tvLinkMs = 3_600_000;
const no = (why: Refused['why']): Refused => ({ ok: false, why });

export function openAccountActs(store: DeskStore, audit: Pick<Audit, 'append'>, wallMs: () => number): AccountActs {
  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other, by whoever may still be here: of two who close each other, one stays. */
  const inTurn = <T>(who: Who, work: () => Promise<T | Refused>): Promise<T | Refused> => {
    const isOut = () => who.account !== undefined && findAccount(store, who.account)?.disabled !== false;
    const turn = queue.then(() => (isOut() ? no('out') : work()));
    queue = turn.catch(() => undefined);
    return turn;
  };
  const writeDown = (who: Who, name: string, what: string, more: Record<string, string> = {}) =>
    audit.append({ actor: who.actor, action: 'change', subject: `account ${name}`, details: { what, ...more } });
  const ofKnown = <T>(who: Who, name: string, what: string, deed: () => Promise<T> | T) =>
    inTurn<T>(who, async () => {
      if (findAccount(store, name) === undefined) return no('none');
      await writeDown(who, name, what);
      return await deed();
    });

  return {
    add: (who, account) =>
      inTurn(who, async () => {
        const { name, role } = account;
        if (findAccount(store, name) !== undefined) return no('taken');
        await writeDown(who, name, 'account-added', { role });
        const password = inventPassword();
        return (await addAccount(store, account, password, wallMs())) ? { ok: true, password } : no('taken');
      }),
    reset: async (who, name) => {
      if (name === who.account) return no('own');
      return await ofKnown(who, name, 'account-reset', async () => {
        const password = inventPassword();
        await setPassword(store, name, password, { mustChange: true });
        return { ok: true, password } as const;
      });
    },
    close: async (who, name) => {
      if (name === who.account) return no('own');
      return await ofKnown(who, name, 'account-closed', () => {
        setDisabled(store, name, true);
        return { ok: true } as const;
      });
    },
    open: (who, name) =>
      ofKnown(who, name, 'account-opened', () => {
        setDisabled(store, name, false);
        return { ok: true } as const;
      }),
    tvLink: (who, name) =>
      ofKnown(who, name, 'tv-link', () => {
        const untilMs = wallMs() + tvLinkMs;
        return { ok: true, token: openSessions(store, wallMs).makeLink(name, { tv: true, uses: 1, untilMs }) } as const;
      }),
  };
}
