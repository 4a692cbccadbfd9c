// A way into the demo's desk without a password to type: an account, and a link that signs in to it.
import { addAccount, setPassword } from '../../hub/desk/accounts.ts';
import { inventPassword } from '../../hub/desk/passwords.ts';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';

const linkMs = 7 * 86_400_000;
/** Every look from another browser uses it once. */
const linkUses = 1000;

/** Returns the link's token. The password is known to nobody. */
export async function makeDoor(dataDir: string): Promise<string> {
  const store = openDeskStore(dataDir);
  try {
    const account = { name: 'demo', fullName: 'Nguyễn Văn An', role: 'chief' } as const;
    await addAccount(store, account, inventPassword(), Date.now());
    await setPassword(store, account.name, inventPassword(), { mustChange: false });
    return openSessions(store, Date.now).makeLink(account.name, {
      ...{ tv: false, uses: linkUses, untilMs: Date.now() + linkMs },
    });
  } finally {
    store.close();
  }
}

export const doorUrl = (url: string, token: string): string => `${url}/#/vao?ma=${token}`;

/** Signs in as a browser would; the cookie for what follows. */
export async function enter(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/api/sign-in/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const [cookie = ''] = answer.headers.get('set-cookie')?.split(';') ?? [];
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}`);
  return cookie;
}
