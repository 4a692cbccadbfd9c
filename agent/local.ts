// A Unix socket beside the spool. The recorder listens, the uplink joins; either may die at any time and the other goes on.
//
// Bounds: a line 64 KiB (longer or not understood: that connection is closed and counted) · 4 connections (a technician's look
// beside the uplink's) · 256 KiB unsent on a connection (then messages to it are dropped and counted; after 10 s it is closed)
// · joining again after 0.1 to 2 s.
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import {
  lineBytesMax,
  type RecorderMessage,
  recorderMessageSchema,
  type UplinkMessage,
  uplinkMessageSchema,
} from './local-messages.ts';

export type { RecorderMessage, UplinkMessage } from './local-messages.ts';

const connectionsMax = 4;
const unsentBytesMax = 256 * 1024;
const unsentMsMax = 10_000;
const joinAgainMsMin = 100;
const joinAgainMsMax = 2000;
/** `sun_path` has 108 bytes with its closing zero (unix(7)). */
const pathBytesMax = 107;

/** `<dataDir>/local.sock`; where that is too long for a socket, a short name below the system's temporary folder. `dataDir` is absolute. */
export function localPath(dataDir: string): string {
  const beside = join(dataDir, 'local.sock');
  if (Buffer.byteLength(beside) <= pathBytesMax) return beside;
  return join(tmpdir(), `matlang-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

/** What went wrong on the socket since the start. */
export interface LocalCounts {
  /** Connections closed because of what they sent. */
  readonly garbage: number;
  /** Messages not sent because the other side does not read. */
  readonly dropped: number;
}

export interface LocalServer {
  /** To whoever is joined; never waits, never throws. The latest `status` and `vitals` are told again to each newcomer. */
  tell(message: RecorderMessage): void;
  joined(): boolean;
  counts(): LocalCounts;
  /** Fulfilled when the signal has aborted and the socket file is gone. */
  readonly ended: Promise<void>;
}

export interface LocalClient {
  /** False when the recorder is not there, or does not read. Never waits, never throws. */
  tell(message: UplinkMessage): boolean;
  joined(): boolean;
  counts(): LocalCounts;
  readonly ended: Promise<void>;
}

export interface Ears<Message> {
  heard(message: Message): void;
  /** Somebody has joined, or we have. */
  joined?(): void;
  left?(): void;
}

/** Serves until the signal aborts. A stale socket file is replaced; where another process listens, it is tried again every 2 s. */
export function serveLocal(path: string, ears: Ears<UplinkMessage>, signal: AbortSignal): LocalServer {
  const counts = { garbage: 0, dropped: 0 };
  const lines = new Set<Line<RecorderMessage>>();
  const latest = new Map<'status' | 'vitals', RecorderMessage>();

  const serveOnce = async (): Promise<void> => {
    const server = createServer((socket) => {
      if (lines.size >= connectionsMax) {
        socket.destroy();
        return;
      }
      const line = openLine<RecorderMessage, UplinkMessage>(socket, uplinkMessageSchema, ears, counts);
      lines.add(line);
      socket.once('close', () => {
        lines.delete(line);
        ears.left?.();
      });
      for (const message of latest.values()) line.tell(message);
      ears.joined?.();
    });
    const close = () => server.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // Closing removes the socket file too.
        server.once('close', resolve);
        listenPrivately(server, path);
      });
    } finally {
      signal.removeEventListener('abort', close);
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await replaceStale(path);
      if (signal.aborted) return;
      // In use by another recorder, or no such folder yet: neither is a reason to stop recording.
      await serveOnce().catch(() => undefined);
      if (!signal.aborted) await pause(joinAgainMsMax, undefined, { signal }).catch(() => undefined);
    }
  };
  signal.addEventListener('abort', () => hangUp(lines), { once: true });

  return {
    tell: (message) => {
      if (message.is === 'status' || message.is === 'vitals') latest.set(message.is, message);
      for (const line of lines) line.tell(message);
    },
    joined: () => lines.size > 0,
    counts: () => ({ ...counts }),
    ended: run(),
  };
}

/** Joins, and joins again when the recorder has gone, until the signal aborts. */
export function joinLocal(path: string, ears: Ears<RecorderMessage>, signal: AbortSignal): LocalClient {
  const counts = { garbage: 0, dropped: 0 };
  const lines = new Set<Line<UplinkMessage>>();
  signal.addEventListener('abort', () => hangUp(lines), { once: true });

  const joinOnce = async (): Promise<boolean> => {
    const socket = connect(path);
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!open || signal.aborted) {
      socket.destroy();
      return false;
    }
    const line = openLine<UplinkMessage, RecorderMessage>(socket, recorderMessageSchema, ears, counts);
    lines.add(line);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    ears.joined?.();
    await closed;
    lines.delete(line);
    ears.left?.();
    return true;
  };

  const run = async (): Promise<void> => {
    for (let waitMs = joinAgainMsMin; !signal.aborted; ) {
      const had = await joinOnce();
      waitMs = had ? joinAgainMsMin : Math.min(waitMs * 2, joinAgainMsMax);
      if (!signal.aborted) await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    tell: (message) => [...lines].map((line) => line.tell(message)).some(Boolean),
    joined: () => lines.size > 0,
    counts: () => ({ ...counts }),
    ended: run(),
  };
}

interface Line<Sends> {
  tell(message: Sends): boolean;
  hangUp(): void;
}

/** One connection: reads lines until it closes, writes as long as the other side reads. */
function openLine<Sends, Hears>(
  socket: Socket,
  schema: z.ZodType<Hears>,
  ears: Ears<Hears>,
  counts: { garbage: number; dropped: number },
): Line<Sends> {
  let unread = Buffer.alloc(0);
  let blockedSinceMs: number | undefined;
  const refuse = () => {
    counts.garbage += 1;
    socket.destroy();
  };
  socket.on('data', (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    for (let end = unread.indexOf(0x0a); end >= 0 && !socket.destroyed; end = unread.indexOf(0x0a)) {
      const message = end > lineBytesMax ? undefined : parseLine(unread.subarray(0, end), schema);
      unread = unread.subarray(end + 1);
      if (message === undefined) return refuse();
      ears.heard(message);
    }
    if (unread.length > lineBytesMax) refuse();
  });
  // The other side died: `close` follows and is all that matters.
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => {
    blockedSinceMs = undefined;
  });
  return {
    hangUp: () => socket.destroy(),
    tell: (message) => {
      if (socket.destroyed) return false;
      const line = `${JSON.stringify(message)}\n`;
      const fits = line.length <= lineBytesMax && socket.writableLength + line.length <= unsentBytesMax;
      if (fits) {
        socket.write(line);
        return true;
      }
      counts.dropped += 1;
      blockedSinceMs ??= performance.now();
      if (performance.now() - blockedSinceMs > unsentMsMax) socket.destroy();
      return false;
    },
  };
}

function parseLine<Message>(line: Buffer, schema: z.ZodType<Message>): Message | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(line.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function hangUp(lines: ReadonlySet<Line<never>>): void {
  for (const line of lines) line.hangUp();
}

/** Listening makes the file at once, within the call; nobody else may open it, not even for a moment. */
function listenPrivately(server: ReturnType<typeof createServer>, path: string): void {
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
}

/** Removes a socket file nobody listens behind (its recorder was killed). */
async function replaceStale(path: string): Promise<void> {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : ''));
  });
  // ENOTSOCK or a plain file in our own folder is in the way just the same.
  if (answer !== 'alive' && answer !== 'ENOENT') await unlink(path).catch(() => undefined);
}
