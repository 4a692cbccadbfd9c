// What every driver is given besides its own settings, and the rules that most of them share.
import { existsSync } from 'node:fs';
import { captionFont, type MediaPlan, mediaArgs } from '../media-args.ts';
import type { Command, Driver, Ended, Recipe, Trouble } from '../recipe.ts';
import type { AnalysisSettings, PictureSettings } from '../settings.ts';

export interface Place {
  readonly runDir: string;
  readonly captionPath: string;
  readonly analysis: AnalysisSettings;
  /** /sys, or another folder in tests. */
  readonly sysRoot?: string | undefined;
}

/** A live camera gives pictures all the time, one key frame a second or, where its own stream is kept, one in two. */
export const liveCamera = {
  hangMs: 2000,
  fragmentMsMax: 2500,
  restartsWhenFrozen: true,
  beginsAfresh: false,
  beginsAgain: false,
  secrets: [],
} as const satisfies Partial<Driver>;

/** The three pipes all from the media child, at this place in the line of commands. */
export const allFrom = (command: number): Recipe['gives'] => ({
  fragments: { command, fd: 1 },
  grey: { command, fd: 3 },
  jpeg: { command, fd: 4 },
});

/** The media child as a command. */
export const mediaCommand = (plan: MediaPlan): Command => ({
  program: 'ffmpeg',
  args: mediaArgs(plan, existsSync(captionFont)),
});

/** What all plans of one camera share. */
export const planFor = (picture: PictureSettings, place: Place) => ({
  bitrateKbps: picture.bitrateKbps,
  captionPath: picture.caption ? place.captionPath : undefined,
  gopFrames: picture.fps,
  height: picture.height,
  analysis: place.analysis,
});

/** Frames of known size without any packing, from the program before. */
export const rawInput = (picture: PictureSettings) => [
  ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${picture.width}x${picture.height}`],
  ...['-framerate', String(picture.fps), '-i', 'pipe:0'],
];

/** The first process that did not end well says why; signs of a cause are looked for in all their words. */
export function explainBy(
  signs: readonly (readonly [RegExp, Trouble['code']])[],
): (ended: readonly Ended[]) => Trouble {
  return (ended) => {
    const words = ended.map(said).join('; ');
    const sign = signs.find(([pattern]) => ended.some(({ lastWords }) => pattern.test(lastWords)));
    return { code: sign?.[1] ?? 'camera-exit', text: words };
  };
}

const said = ({ program, code, signal, lastWords }: Ended) => {
  const how = signal ?? (code === null ? 'cannot be ended' : `code ${code}`);
  return `${program} ended (${how})${lastWords === '' ? '' : `: ${lastWords}`}`;
};
