// What leaves the hub as a file, made as it is read; whoever goes away ends the making.
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import type { Env } from './env.ts';

/** `done` settles when it has all been read; a failure breaks the answer off, so that the part that was sent is not taken for the whole. */
export function sendZip(
  c: Context<Env>,
  made: { readonly fileName: string; readonly stream: Readable; readonly done: Promise<unknown> },
  broke: (error: unknown) => void,
): Response {
  made.done.catch((error: unknown) => {
    broke(error);
    c.env.outgoing.destroy();
  });
  const headers = {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${made.fileName}"`,
  };
  return new Response(Readable.toWeb(made.stream) as ReadableStream<Uint8Array>, { headers });
}
