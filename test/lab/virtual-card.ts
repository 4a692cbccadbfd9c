// An SD card with a volatile write cache, as a machine sees it over NBD. What has been flushed stays; at a power cut each write that was not
// is dropped, kept or torn at a sector, each for itself.
import { below, type Random } from '../../hal/sim-disk/random.ts';

export const sectorBytes = 512;

/** An honest card keeps what it says it has flushed. A lying one answers flushes at once and writes when it likes. */
export type Honesty = 'honest' | 'lies';

export interface CardCounts {
  readonly writes: number;
  readonly writtenBytes: number;
  readonly flushes: number;
  /** Writes since the last flush that was done. */
  readonly waiting: number;
}

export interface CutCounts {
  readonly dropped: number;
  readonly kept: number;
  readonly torn: number;
}

export interface VirtualCard {
  readonly bytes: number;
  /** What the machine reads: flushed or not. */
  read(offset: number, length: number): Buffer;
  /** `fua`: this write, and no other, is on the chip before it is answered. */
  write(offset: number, bytes: Uint8Array, fua: boolean): void;
  flush(): void;
  counts(): CardCounts;
  /** The power goes. What is left is what the next machine reads. */
  cut(random: Random): CutCounts;
  /** The chip as it is. */
  image(): Buffer;
  honesty: Honesty;
  /** Called after each write. */
  onWrite: (() => void) | undefined;
}

/** A lying card has its own time; so much it holds back at most. */
const heldWritesMax = 6000;

interface Write {
  readonly offset: number;
  readonly bytes: Buffer;
  /** Written through: on the chip before it was answered. */
  readonly sure: boolean;
}

export function openVirtualCard(image: Buffer, honesty: Honesty = 'honest'): VirtualCard {
  const flash = Buffer.from(image);
  const seen = Buffer.from(image);
  const tally = { writes: 0, writtenBytes: 0, flushes: 0 };
  let waiting: Write[] = [];

  const settle = ({ offset, bytes }: Write) => bytes.copy(flash, offset);
  const card: VirtualCard = {
    bytes: image.length,
    honesty,
    onWrite: undefined,
    read: (offset, length) => seen.subarray(offset, offset + length),
    write: (offset, bytes, fua) => {
      tally.writes += 1;
      tally.writtenBytes += bytes.length;
      const copy = Buffer.from(bytes);
      copy.copy(seen, offset);
      waiting.push({ offset, bytes: copy, sure: fua && card.honesty === 'honest' });
      const oldest = waiting.length > heldWritesMax ? waiting.shift() : undefined;
      if (oldest !== undefined) settle(oldest);
      card.onWrite?.();
    },
    flush: () => {
      tally.flushes += 1;
      if (card.honesty === 'lies') return;
      for (const write of waiting) settle(write);
      waiting = [];
    },
    counts: () => ({ ...tally, waiting: waiting.length }),
    cut: (random) => {
      const counts = { dropped: 0, kept: 0, torn: 0 };
      for (const write of waiting) {
        const fate = fateOf(write, random);
        counts[fate] += 1;
        if (fate === 'kept') settle(write);
        if (fate === 'torn') settle(part(write, random));
      }
      waiting = [];
      flash.copy(seen);
      return counts;
    },
    image: () => flash,
  };
  return card;
}

function fateOf({ bytes, sure }: Write, random: Random): keyof CutCounts {
  if (sure) return 'kept';
  const chance = random();
  if (chance < 0.4) return 'dropped';
  return chance < 0.8 || bytes.length <= sectorBytes ? 'kept' : 'torn';
}

/** Some of its sectors in a row: from the front mostly, since that is how cards write. */
function part({ offset, bytes, sure }: Write, random: Random): Write {
  const sectors = bytes.length / sectorBytes;
  const count = 1 + below(sectors - 1, random);
  const from = random() < 0.7 ? 0 : below(sectors - count + 1, random);
  const sectorsKept = bytes.subarray(from * sectorBytes, (from + count) * sectorBytes);
  return { offset: offset + from * sectorBytes, bytes: sectorsKept, sure };
}
