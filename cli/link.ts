// A link as the country has them: a TCP proxy on loopback with a rate, a delay, and ways to fail. Both directions are alike.
// The demo cuts it, the drain bench slows it, the tests do all that can happen to it.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface LinkEnd {
  readonly host: string;
  readonly port: number;
}

export interface LinkRules {
  /** Bytes a second each way; Infinity for no limit. */
  readonly bytesPerS?: number;
  /** One way. */
  readonly delayMs?: number;
}

export interface BadLink {
  readonly port: number;
  rules: LinkRules;
  /** Bytes that came from the near side and were passed on, since the start. */
  upBytes(): number;
  connections(): number;
  /** Nothing passes either way, nobody is told; a stalled link can go on later. */
  stall(): void;
  goOn(): void;
  /** Every connection ends with RST, at once. */
  reset(): void;
  /** The far side is gone without a word: what the near side sends is swallowed, for good. New connections pass. */
  halfOpen(): void;
  /** While shut, a new connection is closed as soon as it is made; those that are there stay. */
  shut(isShut: boolean): void;
  /** Shut, and every connection reset; mended with false. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

/** What a router holds before it makes the sender wait: TCP's own buffers come on top. */
const bufferBytes = 32 * 1024;

/** To a port of this machine, or to another machine's. */
export async function openBadLink(to: number | LinkEnd, rules: LinkRules = {}): Promise<BadLink> {
  const end = typeof to === 'number' ? { host: '127.0.0.1', port: to } : to;
  const pairs = new Set<Pair>();
  const at = { stalled: false, shut: false, upBytes: 0, rules };
  const server = createServer((near) => {
    if (at.shut) {
      near.on('error', () => undefined);
      near.destroy();
      return;
    }
    const far = connect(end);
    const pair: Pair = { near, far, dead: false };
    pairs.add(pair);
    for (const [from, to, count] of [
      [
        near,
        far,
        (bytes: number) => {
          at.upBytes += bytes;
        },
      ],
      [far, near, (_bytes: number) => undefined],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.once('close', () => {
        pairs.delete(pair);
        if (!pair.dead) to.destroy();
      });
      carry(from, to, pair, at, count);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const reset = () => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get rules() {
      return at.rules;
    },
    set rules(next) {
      at.rules = next;
    },
    upBytes: () => at.upBytes,
    connections: () => pairs.size,
    stall: () => {
      at.stalled = true;
    },
    goOn: () => {
      at.stalled = false;
    },
    reset,
    cut: (isCut) => {
      at.shut = isCut;
      if (isCut) reset();
    },
    halfOpen: () => {
      for (const pair of pairs) {
        pair.dead = true;
        pair.far.destroy();
      }
    },
    shut: (isShut) => {
      at.shut = isShut;
    },
    close: async () => {
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await once(server, 'close');
    },
  };
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  dead: boolean;
}

/** Reads as fast as the rate allows, hands over after the delay, in order. */
function carry(
  from: Socket,
  to: Socket,
  pair: Pair,
  at: { readonly stalled: boolean; readonly rules: LinkRules },
  count: (bytes: number) => void,
): void {
  const held: { bytes: Buffer; readyMs: number }[] = [];
  const state = { heldBytes: 0, freeAtMs: 0, ticking: false };
  const handOver = (bytes: Buffer) => {
    count(bytes.length);
    if (!pair.dead && !to.destroyed) to.write(bytes);
  };
  /** What is on its way, and what waits to be. */
  const heldBytesMax = () => {
    const { bytesPerS = 0, delayMs = 0 } = at.rules;
    return bufferBytes + (Number.isFinite(bytesPerS) ? (bytesPerS * delayMs) / 1000 : 0);
  };
  const tick = () => {
    state.ticking = false;
    if (from.destroyed && held.length === 0) return;
    const nowMs = performance.now();
    for (let head = held[0]; !at.stalled && head !== undefined && head.readyMs <= nowMs; head = held[0]) {
      held.shift();
      state.heldBytes -= head.bytes.length;
      handOver(head.bytes);
    }
    if (state.heldBytes < heldBytesMax() && from.isPaused()) from.resume();
    if (held.length > 0) tickIn(4);
  };
  const tickIn = (ms: number) => {
    if (state.ticking) return;
    state.ticking = true;
    setTimeout(tick, ms).unref();
  };
  from.on('data', (bytes) => {
    const { bytesPerS = Number.POSITIVE_INFINITY, delayMs = 0 } = at.rules;
    if (held.length === 0 && bytesPerS === Number.POSITIVE_INFINITY && delayMs === 0 && !at.stalled) {
      handOver(bytes);
      return;
    }
    // In small pieces, so that a rate is a rate and not a burst a second.
    for (let start = 0; start < bytes.length; start += 1024) {
      const piece = bytes.subarray(start, start + 1024);
      state.freeAtMs = Math.max(state.freeAtMs, performance.now()) + (piece.length / bytesPerS) * 1000;
      held.push({ bytes: piece, readyMs: state.freeAtMs + delayMs });
      state.heldBytes += piece.length;
    }
    if (state.heldBytes >= heldBytesMax()) from.pause();
    tickIn(1);
  });
}
