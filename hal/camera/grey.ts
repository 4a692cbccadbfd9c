// Cuts a byte stream into grey pictures of one size. Buffers go round: what a consumer is done with is filled again, so a running camera allocates nothing.

export interface GreyReader {
  /** Calls `seen` for each picture this chunk completes. The buffer is the callee's until it is given back. */
  push(chunk: Uint8Array, seen: (pixels: Uint8Array) => void): void;
  /** Gives back the buffer of a picture that will not be completed. */
  close(): void;
}
export interface GreyPool {
  take(): Uint8Array;
  giveBack(pixels: Uint8Array): void;
}

/** Holds at most as many buffers as were ever out at once: the queue's bound plus the consumer's and the one being filled. */
export function greyPool(bytes: number): GreyPool {
  const free: Uint8Array[] = [];
  return {
    take: () => free.pop() ?? new Uint8Array(bytes),
    giveBack: (pixels) => {
      free.push(pixels);
    },
  };
}

export function greyReader(pool: GreyPool): GreyReader {
  let filling = pool.take();
  let filled = 0;
  return {
    push: (chunk, seen) => {
      for (let at = 0; at < chunk.length; ) {
        const take = Math.min(filling.length - filled, chunk.length - at);
        filling.set(chunk.subarray(at, at + take), filled);
        filled += take;
        at += take;
        if (filled < filling.length) return;
        const whole = filling;
        filling = pool.take();
        filled = 0;
        seen(whole);
      }
    },
    close: () => pool.giveBack(filling),
  };
}
