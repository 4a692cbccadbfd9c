// The compact trace, byte by byte: docs/ref/trace.md. What the encoder and the decoder agree on.

/** Media type of a record's body that holds one batch. */
export const traceType = 'application/vnd.matlang.trace';

/** `MLtr`. */
export const magic = [0x4d, 0x4c, 0x74, 0x72] as const;
export const version = 1;

/** Upper two bits of a token's first byte. */
export const tokens = { idle: 0x00, picture: 0x40, model: 0x80, mark: 0xc0 } as const;
export const marks = { end: 0xc0, broken: 0xc1 } as const;
/** A run of so many idle pictures or more has its length in a varint. */
export const longRun = 63;

export const pictureFlags = { count: 0x0f, leftOut: 0x10, whole: 0x20 } as const;
export const wholeFlags = { rule: 0x0f, warming: 0x80 } as const;
export const trackFlags = { slot: 0x1f, fresh: 0x20, verdict: 0x40, wide: 0x80 } as const;
export const whys = [undefined, 'travel', 'stay'] as const;

/** No picture costs more, whatever is in it. */
export const pictureBytesMax = 64;
/** A track that was not there before: flags, age, verdict and zones, box, fill and contrast. */
export const trackBytesMax = 15;
export const tracksInPictureMax = 15;
/** Boxes are kept in cells of 2x2 pixels, rounded outwards. */
export const boxPixels = 2;
/** Bar and noise are kept in quarters of a grey level. */
export const greySteps = 4;
/** Four bytes of varint: 74 hours. */
export const ageMsMax = 2 ** 28 - 1;
/** Five bytes of zigzag varint: a camera that was away longer begins a new batch. */
export const gapMsMax = 2 ** 34 - 1;
/** A whole batch: with its seal and manifest it still goes in one message of 16 KiB. */
export const batchBytesMax = 15_000;

/** What a batch says of itself, so that it can be read without its record. */
export interface TraceHead {
  readonly boot: string;
  /** Size of the analysed picture. */
  readonly width: number;
  readonly height: number;
  /** Nominal time between two pictures. */
  readonly periodMs: number;
  readonly sensitivity: number;
  /** Smallest subject, as a part of the picture. */
  readonly minSize: number;
  readonly quietMs: number;
  readonly zones: readonly string[];
}
