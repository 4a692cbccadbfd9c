// The bounded queue between a camera and its consumer. When the consumer is late, grey pictures and JPEGs go first (only the newest matter), then the oldest
// fragments; faults and starts always stay.
import type { CameraSight } from '../ports.ts';
import { queueBounds } from './bounds.ts';

export interface SightQueue {
  push(sight: CameraSight): void;
  /** What is in it can still be taken; then the taking ends. */
  end(): void;
  take(): AsyncGenerator<CameraSight, void, undefined>;
}

export function sightQueue(giveBack: (pixels: Uint8Array) => void): SightQueue {
  const items: CameraSight[] = [];
  const counts = { grey: 0, jpeg: 0, fragment: 0, fragmentBytes: 0 };
  let slow = false;
  let ended = false;
  let wake: (() => void) | undefined;

  const count = (sight: CameraSight, by: 1 | -1) => {
    if (sight.is === 'grey' || sight.is === 'jpeg' || sight.is === 'fragment') counts[sight.is] += by;
    if (sight.is === 'fragment') counts.fragmentBytes += by * sight.bytes.length;
  };
  const dropOldest = (kind: 'grey' | 'jpeg' | 'fragment') => {
    const [dropped] = items.splice(
      items.findIndex((item) => item.is === kind),
      1,
    );
    if (dropped === undefined) return;
    count(dropped, -1);
    if (dropped.is === 'grey') giveBack(dropped.frame.pixels);
    if (slow) return;
    slow = true;
    items.push({ is: 'fault', code: 'camera-slow-consumer', text: `pictures wait unread: dropped the oldest ${kind}` });
  };
  const keepBounds = () => {
    if (counts.grey > queueBounds.greyMax) dropOldest('grey');
    if (counts.jpeg > queueBounds.jpegMax) dropOldest('jpeg');
    while (counts.fragment > queueBounds.fragmentsMax || counts.fragmentBytes > queueBounds.fragmentBytesMax)
      dropOldest('fragment');
  };

  return {
    push: (sight) => {
      if (ended) return;
      items.push(sight);
      count(sight, 1);
      keepBounds();
      wake?.();
    },
    end: () => {
      ended = true;
      wake?.();
    },
    async *take() {
      for (;;) {
        const sight = items.shift();
        if (sight !== undefined) {
          count(sight, -1);
          yield sight;
          if (sight.is === 'grey') giveBack(sight.frame.pixels);
        } else if (slow) {
          slow = false;
          yield { is: 'recovered', code: 'camera-slow-consumer' };
        } else if (ended) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    },
  };
}
