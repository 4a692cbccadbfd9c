// Writes down who looked at which picture: before it is shown, and once for as long as the same look lasts.
import type { Audit } from '../audit.ts';
import type { Person } from '../desk/sessions.ts';
import { limits } from '../limits.ts';
import { actorOf } from './sign-in.ts';

/** A player asks for a clip many times while it plays. */
const lookMs = 10 * 60_000;

export interface Seen {
  /** Rejects when it cannot be written down: then the picture is not shown. */
  write(person: Person, subject: string): Promise<void>;
}

export function openSeen(audit: Audit, nowMs: () => number): Seen {
  const looks = new Map<string, { sinceMs: number; written: Promise<unknown> }>();
  return {
    write: async (person, subject) => {
      const key = `${person.token} ${subject}`;
      const look = looks.get(key);
      if (look !== undefined && nowMs() - look.sinceMs < lookMs) return void (await look.written);
      const written = audit.append({ actor: actorOf(person), action: 'view', subject });
      looks.delete(key);
      looks.set(key, { sinceMs: nowMs(), written });
      for (const oldest of looks.keys()) {
        if (looks.size <= limits.strangers) break;
        looks.delete(oldest);
      }
      await written.catch((error: unknown) => {
        looks.delete(key);
        throw error;
      });
    },
  };
}
