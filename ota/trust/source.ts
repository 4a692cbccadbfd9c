// Where metadata and files of a release repository come from: a folder (a stick), or the hub over HTTP. Nothing that comes from here is believed.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { get as httpGet } from '../../agent/http.ts';

export type SourceFailure = 'absent' | 'too-large' | 'unreachable';
export type Fetched =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly why: SourceFailure; readonly text: string };
export type Pulled =
  | { readonly ok: true; readonly from: number; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly ok: false; readonly why: SourceFailure; readonly text: string };

/** Paths are names joined by `/`, made by us, never by what was fetched. */
export interface Source {
  /** Where it is a folder of this machine, that folder: then nothing needs fetching. */
  readonly folder?: string;
  /** A whole small file. Never more than `bytesMax` bytes are taken. */
  read(path: string, bytesMax: number): Promise<Fetched>;
  /** What stands from byte `from` on; a source that cannot begin there begins at 0 and says so. The stream throws when it breaks. */
  pull(path: string, from: number): Promise<Pulled>;
}

export interface Patience {
  /** A server from which nothing came for so long is given up. */
  readonly silenceMsMax: number;
  /** A server that drips: less than this in so long, and it is given up, too. */
  readonly slowest: { readonly bytes: number; readonly ms: number };
}
const patienceUsual: Patience = { silenceMsMax: 30_000, slowest: { bytes: 4096, ms: 60_000 } };
/** Read ahead of a slow card, at most. */
const aheadBytesMax = 1024 * 1024;

export const sourceAt = (place: string): Source =>
  /^https?:\/\//.test(place) ? webSource(place) : folderSource(place);

export function folderSource(folder: string): Source {
  const failed = (error: unknown, path: string) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why: SourceFailure = code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unreachable';
    return { ok: false, why, text: `${join(folder, path)}: ${code ?? String(error)}` } as const;
  };
  return {
    folder,
    read: async (path, bytesMax) => {
      try {
        await using file = await openPlain(join(folder, path));
        if (file === undefined) return { ok: false, why: 'absent', text: `${join(folder, path)} is not a plain file` };
        const room = Buffer.alloc(bytesMax + 1);
        let held = 0;
        for (let got = 1; got > 0 && held <= bytesMax; held += got)
          got = (await file.read(room, held, room.length - held)).bytesRead;
        if (held > bytesMax) return tooLarge(path, bytesMax);
        return { ok: true, bytes: room.subarray(0, held) };
      } catch (error) {
        return failed(error, path);
      }
    },
    pull: async (path, from) => {
      try {
        const file = await openPlain(join(folder, path));
        if (file === undefined) return { ok: false, why: 'absent', text: `${join(folder, path)} is not a plain file` };
        return { ok: true, from, chunks: file.createReadStream({ start: from }) };
      } catch (error) {
        return failed(error, path);
      }
    },
  };
}

/** Never follows a link, never waits on a pipe: undefined for what is no plain file. Throws what the disk throws. */
export async function openPlain(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw error;
  });
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

/** Over HTTP, from any server of files. */
export function webSource(address: string, patience = patienceUsual): Source {
  const base = address.endsWith('/') ? address : `${address}/`;
  const asked: Ask = (path, from) => {
    const url = new URL(path, base);
    const get: Get = (options, heard) => (url.protocol === 'https:' ? httpsGet : httpGet)(url, options, heard);
    return ask(get, from, patience);
  };
  return askedSource(base, asked, patience);
}

/** The head of the answer to a request for what stands from a byte on, or why there is none. */
export type Ask = (path: string, from: number) => Promise<IncomingMessage | string>;

/** `name` stands before paths in what is said to people. */
export function askedSource(name: string, ask: Ask, { slowest } = patienceUsual): Source {
  const refused = (path: string, answer: IncomingMessage | string) => {
    if (typeof answer === 'string')
      return { ok: false, why: 'unreachable', text: `${name}${path}: ${answer}` } as const;
    answer.destroy();
    const why: SourceFailure = answer.statusCode === 404 ? 'absent' : 'unreachable';
    return { ok: false, why, text: `${name}${path} answered ${answer.statusCode}` } as const;
  };
  return {
    read: async (path, bytesMax) => {
      const answer = await ask(path, 0);
      if (typeof answer === 'string' || answer.statusCode !== 200) return refused(path, answer);
      const chunks: Uint8Array[] = [];
      let held = 0;
      try {
        for await (const chunk of asItComes(answer, slowest)) {
          held += chunk.length;
          if (held > bytesMax) return tooLarge(path, bytesMax);
          chunks.push(chunk);
        }
      } catch (error) {
        return { ok: false, why: 'unreachable', text: `${name}${path} broke off: ${String(error)}` };
      }
      return { ok: true, bytes: Buffer.concat(chunks) };
    },
    pull: async (path, from) => {
      const answer = await ask(path, from);
      if (typeof answer === 'string') return refused(path, answer);
      // Nothing is left to be had: what is held already is the whole file.
      if (answer.statusCode === 416) {
        answer.resume();
        return { ok: true, from, chunks: nothing() };
      }
      if (answer.statusCode !== 200 && answer.statusCode !== 206) return refused(path, answer);
      return { ok: true, from: answer.statusCode === 206 ? from : 0, chunks: asItComes(answer, slowest) };
    },
  };
}

type Get = (options: RequestOptions, heard: (answer: IncomingMessage) => void) => ClientRequest;

/** `get` makes the request; redirections are not followed. */
export function ask(get: Get, from: number, { silenceMsMax } = patienceUsual): ReturnType<Ask> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | string>();
  const headers = from > 0 ? { range: `bytes=${from}-` } : {};
  const asked = get({ headers, agent: false, timeout: silenceMsMax }, resolve);
  asked.once('timeout', () => asked.destroy(new Error(`silent for ${silenceMsMax / 1000} s`)));
  // Also later, while the body comes: the body's own stream tells it then.
  asked.on('error', (error) => resolve(error.message));
  return promise;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty stream.
}

/**
 * Throws where it breaks off. What had come by then is handed out first: the streams of Node and of the web throw it away, and on a link that breaks every few
 * seconds that is most of what was paid for.
 */
function asItComes(answer: IncomingMessage, slowest: Patience['slowest']): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [];
  const state = { bytes: 0, came: 0, givenUp: '', turn: Promise.withResolvers<void>() };
  const dripping = setInterval(() => {
    // What we do not take, it cannot send.
    if (state.came < slowest.bytes && !answer.isPaused()) {
      state.givenUp = `less than ${slowest.bytes} bytes in ${slowest.ms / 1000} s`;
      answer.destroy();
    }
    state.came = 0;
  }, slowest.ms);
  const turned = () => {
    state.turn.resolve();
    state.turn = Promise.withResolvers<void>();
  };
  // At once, not when somebody first asks for a chunk: the connection may have ended by then.
  answer.on('data', (chunk: Buffer) => {
    held.push(chunk);
    state.bytes += chunk.length;
    state.came += chunk.length;
    if (state.bytes > aheadBytesMax) answer.pause();
    turned();
  });
  answer.on('error', turned);
  answer.on('close', () => {
    clearInterval(dripping);
    turned();
  });
  return handOut();

  async function* handOut(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = held.shift();
        if (chunk !== undefined) {
          state.bytes -= chunk.length;
          if (state.bytes <= aheadBytesMax) answer.resume();
          yield chunk;
        } else if (answer.closed) {
          if (!answer.complete) throw new Error(state.givenUp || 'the connection ended early');
          return;
        } else await state.turn.promise;
      }
    } finally {
      clearInterval(dripping);
      answer.destroy();
    }
  }
}

const tooLarge = (path: string, bytesMax: number) =>
  ({ ok: false, why: 'too-large', text: `${path} may have ${bytesMax} bytes, and has more` }) as const;
