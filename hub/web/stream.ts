// Server-sent events: a page hears of changes the moment they are on the disk.
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Change } from '../changes.ts';
import { may } from '../desk/roles.ts';
import type { Person } from '../desk/sessions.ts';
import type { Web } from './parts.ts';

/** A proxy or a browser gives up on a silent connection; a comment keeps it. */
const beatEveryMs = 15_000;

/** A session that ends, or comes to rest, is found out at each beat: its stream ends, and the page asks who it is. */
export function streamChanges(c: Context, web: Web, person: Person): Response {
  const page = new AbortController();
  const signal = AbortSignal.any([page.signal, web.signal]);
  const changes = web.changes.follow(signal);
  if (changes === undefined) return c.json({ error: 'too many pages' }, 503);
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => page.abort());
    const beat = setInterval(() => {
      if (web.desk.sessions.find(person.token)?.standing !== person.standing) return page.abort();
      void stream.write(': \n\n');
    }, beatEveryMs);
    try {
      await stream.writeSSE({ event: 'hello', data: '{}' });
      for await (const gathered of changes)
        for (const change of gathered) await tell(stream, change, web, may(person.standing, 'look'));
    } finally {
      clearInterval(beat);
      page.abort();
    }
  });
}

async function tell(stream: SSEStreamingApi, change: Change, { reader }: Web, hasPictures: boolean): Promise<void> {
  if (change.is !== 'event') return await stream.writeSSE({ event: change.is, data: '{}' });
  if (!hasPictures) return await stream.writeSSE({ event: 'queue', data: '{}' });
  const view = reader.event(change.node, change.id);
  if (view !== undefined) await stream.writeSSE({ event: 'event', data: JSON.stringify(view) });
}
