// A film as an answer: whole or a range of it, made as it is read.
import type { Context } from 'hono';
import type { Film } from '../clip/film.ts';
import type { Env } from './env.ts';
import { rangeOf } from './range.ts';

/** `told` hears why an answer had to be broken off. */
export function sendFilm(c: Context<Env>, film: Film, told: (error: unknown) => void): Response {
  const range = rangeOf(c.req.header('range'), film.bytes);
  if (range === 'outside') return c.body(null, 416, { 'content-range': `bytes */${film.bytes}` });
  const { start, end } = range ?? { start: 0, end: film.bytes };
  const headers = new Headers({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    etag: film.etag,
  });
  if (range !== undefined) headers.set('content-range', `bytes ${start}-${end - 1}/${film.bytes}`);
  const broke = (error: unknown) => {
    told(error);
    // Without this the part that was sent would be taken for the whole.
    c.env.outgoing.destroy();
  };
  const body = c.req.method === 'HEAD' ? null : streamOf(film.read(start, end), broke);
  return new Response(body, { status: range === undefined ? 200 : 206, headers });
}

/** A browser that goes away ends the making. `broke` is called when the making fails. */
function streamOf(pieces: AsyncIterable<Uint8Array>, broke: (error: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        broke(error);
        controller.close();
      }
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}
