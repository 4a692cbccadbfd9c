// The world as the house sees it. Implementations stand beside this file; outside cli/ and the mains this file is only `import type`d.

/** A grey picture: one byte a pixel, row after row, `pixels.length === width * height`; 0 is black. `monoMs` is when it reached us. */
export interface GreyFrame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly monoMs: number;
}

/** What a running camera gives, in the order in which it happened. */
export type CameraSight =
  /** A media child has started: time line and init segment begin anew. `afresh`: the picture may be another one (a film begins again), forget the background. */
  | { readonly is: 'start'; readonly recipe: string; readonly afresh: boolean }
  /** `ftyp` + `moov` of the fragments that follow. */
  | { readonly is: 'init'; readonly bytes: Uint8Array }
  /** One `moof` + `mdat`, beginning with a key frame. `monoMs` is its first moment (arrival less duration). */
  | { readonly is: 'fragment'; readonly bytes: Uint8Array; readonly monoMs: number; readonly durationMs: number }
  /** `frame.pixels` is the consumer's own until it asks for the next sight; copy to keep. */
  | { readonly is: 'grey'; readonly frame: GreyFrame }
  | { readonly is: 'jpeg'; readonly bytes: Uint8Array; readonly monoMs: number }
  /** The picture is lost or wrong; the driver goes on trying. One per cause until `recovered`. */
  | { readonly is: 'fault'; readonly code: CameraFault; readonly text: string }
  | { readonly is: 'recovered'; readonly code: CameraFault }
  /** A film is over: no more will come unless the driver repeats it (then a `start` with `afresh` follows). */
  | { readonly is: 'end' };

export type CameraFault =
  | 'camera-absent'
  | 'camera-exit'
  | 'camera-hang'
  | 'camera-frozen'
  | 'camera-input'
  | 'camera-recipe'
  | 'camera-slow-consumer'
  | 'film-ended';

export interface CameraInventory {
  readonly driver: string;
  readonly recipe: string | undefined;
  /** Recipes tried before, and why each was left. */
  readonly left: readonly { readonly recipe: string; readonly why: string }[];
  readonly restarts: number;
  /** Process ids of the media child and its helpers, for those who measure. */
  readonly pids: readonly number[];
}

export interface Camera {
  /**
   * Runs until the signal aborts; ends sooner only after a film's `end` without repeat. Never throws for a faulty camera: it says `fault`, and tries again
   * with back-off. At its end no child is left. What the consumer does not take in time is dropped, grey pictures and JPEGs first (bounded queue).
   */
  run(signal: AbortSignal): AsyncIterable<CameraSight>;
  inventory(): CameraInventory;
  /**
   * Half the frame rate, or the whole again: less heat, and the recording goes on. Costs a start of the media child. Cameras whose rate is not ours
   * (RTSP, single pictures) keep theirs.
   */
  pace(pace: 'whole' | 'half'): void;
  /** The text burned into what people look at (not into grey pictures); kept in a file on tmpfs that the media child re-reads. */
  caption(text: string): void;
}

/** The board's clocks as they stand: steady ms since it was opened, wall clock (Unix ms), and who vouches for that, within what error. */
export interface BoardClock {
  monoMs(): number;
  look(): { monoMs: number; wallMs: number; by: 'ntp' | 'rtc' | undefined; errorMs: number };
}

/** `monoMs` from the process's start; wall time only as far as it can be trusted. */
export interface Clock {
  monoMs(): number;
  now(): { monoMs: number; wallMs: number | null; clock: 'none' | 'floor' | 'hub' | 'ntp' | 'rtc'; errorMs: number };
  /** The hub's signed time as seen at `monoMs`, with an error bound: an answer to a record of this moment. */
  hubSays(hubMs: number, monoMs: number, errorMs: number): void;
}

/**
 * The card. Every durable step of the house goes through here, so that it can be counted, simulated and cut. All paths are absolute.
 * Errors are Node's own (`code` ENOENT, ENOSPC, EROFS, EIO …).
 */
export interface Disk {
  /** Makes the folder and its parents, each durably, also where they were made before: whoever made them may have been killed before the flush. */
  makeFolder(path: string): Promise<void>;
  /** A new file; EEXIST where there is one. Mode 0600. */
  create(path: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for the same bytes. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** fsync of the folder: what was made, renamed, linked or removed in it stays so. */
  syncFolder(path: string): Promise<void>;
  /** Names only, sorted. */
  list(path: string): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
  /** Fewer bytes than asked where the file ends. */
  readRange(path: string, start: number, length: number): Promise<Uint8Array>;
  size(path: string): Promise<number>;
  space(path: string): Promise<{ freeBytes: number; totalBytes: number }>;
}

export interface DiskFile {
  /** Writes all of it or throws. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type PinEdge = { readonly pin: number; readonly active: boolean; readonly monoMs: number };
export interface Pins {
  /** Which driver works here, in words for the doctor. */
  readonly driver: string;
  /** `set` costs no process, so that a lamp may blink. */
  readonly blinks: boolean;
  /** Debounced edges; a pin that is active at the start is told at once. Throws when a pin cannot be claimed (another program has it). */
  watch(
    pins: readonly { pin: number; activeLow: boolean; debounceMs: number }[],
    signal: AbortSignal,
  ): AsyncIterable<PinEdge>;
  set(pin: number, on: boolean): Promise<void>;
  /** Outputs go low. */
  close(): Promise<void>;
}
export type PinsOpened =
  | { ok: true; pins: Pins }
  | { ok: false; why: 'no-module' | 'no-sysfs' | 'no-chip' | 'denied' | 'no-tools'; text: string };

/** Reads of /proc and /sys only: no process is started. What a board does not tell is null. */
export interface Board {
  vitals(): Promise<Vitals>;
}
export interface Vitals {
  readonly temperatureC: number | null;
  /** Raspberry Pi firmware bits, see the firmware's get_throttled. */
  readonly throttled: number | null;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  /** Runnable processes, as a mean of the last minute and of the last quarter of an hour. */
  readonly load1: number;
  readonly load15: number;
  readonly uptimeS: number;
  readonly card: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    readonly readOnly: boolean;
    readonly writtenBytes: number | null;
    /** What the file system has counted since it was made; null where it does not count. */
    readonly errors: number | null;
  } | null;
}

/** One network interface; counters since it came up. */
export interface NetLink {
  readonly name: string;
  readonly up: boolean;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Received signal of a radio that tells it (Wi-Fi), else null. */
  readonly signalDbm: number | null;
  /** The way to everywhere goes through it. */
  readonly isDefault: boolean;
}

/** What is listened for. */
export type Ear = 'keyword' | 'bang';
/** How listening stands. Absence is a state, never a stop. */
export type SoundState =
  | 'off'
  | 'listening'
  | 'no-module'
  | 'no-key'
  | 'bad-key'
  | 'unsupported-cpu'
  | 'no-microphone'
  | 'failed';
export interface EarState {
  readonly state: SoundState;
  readonly text: string;
}
export interface Heard {
  readonly is: Ear;
  readonly text: string;
  readonly monoMs: number;
}
/** The microphone. Sound is never kept nor sent; only that something was heard. */
export interface Sound {
  state(): Readonly<Record<Ear, EarState>>;
  /** Ends with the signal, and sooner where nothing is wanted or nothing will mend itself. */
  heard(signal: AbortSignal): AsyncIterable<Heard>;
}

/** Tells the service manager; silent where there is none. */
export interface Notify {
  ready(): void;
  alive(): void;
  stopping(): void;
  status(text: string): void;
}
