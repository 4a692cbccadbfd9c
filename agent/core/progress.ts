// Is the recorder getting on, or only alive? What the service watchdog is told depends on this: a run that stands still is ended and begun anew.

export interface ProgressSeen {
  readonly monoMs: number;
  /** Arrival of the newest analysed picture; negative while there was none. */
  readonly lastFrameMonoMs: number;
  /** Starts of the camera's programs so far: it is being mended. */
  readonly cameraRestarts: number;
  /** A film is over, and nothing more is to come. */
  readonly filmOver: boolean;
  /** How long the oldest step on the card has been under way; 0 when none is. */
  readonly cardWaitsMs: number;
}

export interface Progress {
  readonly cameraRestarts: number;
  /** The last sign of the camera: a picture, or another try. */
  readonly cameraMonoMs: number;
}
export const noProgress: Progress = { cameraRestarts: 0, cameraMonoMs: 0 };

/** Longer than a start (40 s at most), its end and the longest back-off (30 s) together: a camera that is absent is tried again sooner than that. */
const cameraMsMax = 90_000;
/** A card may take seconds to tidy itself up; one that has not answered for so long hangs. A card that *refuses* answers, and is a fault of its own. */
const cardMsMax = 60_000;

export function progressStep(state: Progress, seen: ProgressSeen): { state: Progress; gettingOn: boolean } {
  const tried = seen.cameraRestarts !== state.cameraRestarts || seen.filmOver;
  const cameraMonoMs = Math.max(state.cameraMonoMs, seen.lastFrameMonoMs, tried ? seen.monoMs : 0);
  return {
    state: { cameraRestarts: seen.cameraRestarts, cameraMonoMs },
    gettingOn: seen.monoMs - cameraMonoMs <= cameraMsMax && seen.cardWaitsMs <= cardMsMax,
  };
}
