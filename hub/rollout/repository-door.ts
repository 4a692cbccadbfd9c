// The hub's repository of releases, for the commune's own nodes: plain files, whole or from a byte on. What they are worth is for the node to judge, by the makers'
// signatures. Paths are made from names that are checked, never from what was asked.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** One answer at a time for each; the commune's line is narrow, and the door is there for others too. */
const answersMax = 8;
/** Whoever takes nothing for so long has gone. */
const silenceMsMax = 60_000;

const pathsServed = [
  /^metadata\/(?:timestamp|[1-9]\d{0,8}\.(?:root|snapshot|targets))\.json$/,
  /^targets\/[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9_]{1,16}\/[0-9a-f]{64}\.release\.json$/,
  /^files\/[0-9a-f]{2}\/[0-9a-f]{64}\.gz(?:\.sums)?$/,
];

export interface RepositoryDoor {
  /** Answers what comes after `/releases/`. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function openRepositoryDoor(releasesDir: string): RepositoryDoor {
  const at = { answers: 0 };
  return {
    answer: async (path, request, response) => {
      if (!pathsServed.some((served) => served.test(path))) return end(response, 404);
      if (at.answers >= answersMax) return end(response, 503, { 'retry-after': '30' });
      at.answers += 1;
      try {
        await send(join(releasesDir, path), request, response);
      } finally {
        at.answers -= 1;
      }
    },
  };
}

async function send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const size = await sizeOf(path);
  if (size === undefined) return end(response, 404);
  const from = Number(/^bytes=(\d{1,15})-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from > 0 && from >= size) return end(response, 416, { 'content-range': `bytes */${size}` });
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${size - 1}/${size}` };
  response.writeHead(from === 0 ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': size - from,
    'accept-ranges': 'bytes',
    ...range,
  });
  response.setTimeout(silenceMsMax, () => response.destroy());
  // Not one byte more than was said, should the file be growing.
  if (size === from) response.end();
  else await pipeline(createReadStream(path, { start: from, end: size - 1 }), response);
}

/** Undefined for what is no plain file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    await using file = await open(path, 'r');
    const found = await file.stat();
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}
