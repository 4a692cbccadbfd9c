// Writes down who looked at which picture: before it is shown, and once for as long as the same look lasts.
import type { Audit } from '../audit.ts';
import type { Person } from '../desk/sessions.ts';
import { limits } from '../limits.ts';
import { actorOf } from './sign-in.ts';

/** A player asks for a clip many times while it plays. */
const lookMs = 10 * 60_000;
/** A wall and a TV show stills day and night: by node and hour they stay readable, and small enough to be kept for good. */
const stillMs = 60 * 60_000;
/** Of names in one line; a line's detail takes 1,000. */
const namesCharsMax = 900;

export interface Seen {
  /** Rejects when it cannot be written down: then the picture is not shown. */
  write(person: Person, subject: string): Promise<void>;
  /** The same for stills of a node. A wall asks for all at once: the nodes that wait for the disk together are one line. */
  still(person: Person, node: string): Promise<void>;
}

interface Look {
  readonly sinceMs: number;
  readonly written: Promise<unknown>;
}
/** Of stills. Until it is begun, which waits for the line before it, more nodes may join. */
interface Line {
  readonly nodes: string[];
  isBegun: boolean;
  readonly written: Promise<unknown>;
}

export function openSeen(audit: Audit, nowMs: () => number): Seen {
  const looks = new Map<string, Look>();
  /** Of each who looks at stills: the last line. */
  const lines = new Map<string, Line>();

  const once = async (key: string, lastsMs: number, write: () => Promise<unknown>): Promise<void> => {
    const look = looks.get(key);
    if (look !== undefined && nowMs() - look.sinceMs < lastsMs) return void (await look.written);
    const written = write();
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
  };
  const together = (person: Person, node: string): Promise<unknown> => {
    const last = lines.get(person.token);
    if (last?.isBegun === false && [...last.nodes, node].join(', ').length <= namesCharsMax) {
      last.nodes.push(node);
      return last.written;
    }
    const begin = () => {
      line.isBegun = true;
      const details = { nodes: line.nodes.sort().join(', ') };
      return audit.append({ actor: actorOf(person), action: 'view', subject: 'stills', details });
    };
    const before = last?.written ?? Promise.resolve();
    const line: Line = { nodes: [node], isBegun: false, written: before.then(begin, begin) };
    lines.set(person.token, line);
    const forget = () => {
      if (lines.get(person.token) === line) lines.delete(person.token);
    };
    line.written.then(forget, forget);
    return line.written;
  };

  return {
    write: (person, subject) =>
      once(`${person.token} ${subject}`, lookMs, () =>
        audit.append({ actor: actorOf(person), action: 'view', subject }),
      ),
    still: (person, node) => once(`${person.token} still ${node}`, stillMs, () => together(person, node)),
  };
}
