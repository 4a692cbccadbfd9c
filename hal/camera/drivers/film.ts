// A film in place of a camera, played in real time. It keeps its own shape and size (never enlarged, no bars): coordinates from 0 to 1 mean the film's picture.
import { probeMs } from '../bounds.ts';
import { fitted, probe } from '../probe.ts';
import type { Driver, Ended, Prepared, Trouble } from '../recipe.ts';
import type { FilmSettings } from '../settings.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor } from './place.ts';

/** A file that holds less than this share of what it announces was cut. */
const wholeShare = 0.9;

export function filmDriver(settings: FilmSettings, place: Place, beginsAgain: boolean): Driver {
  // A film may only be a file: a playlist in its place must not make the node open addresses.
  const source = ['-protocol_whitelist', 'file', '-i', `file:${settings.path}`];
  let announcedMs: number | undefined;

  const prepare = async (signal: AbortSignal): Promise<Prepared> => {
    const probed = await probe({ args: source }, probeMs.file, [], signal);
    if (!probed.ok) return { ok: false, ...cannotPlay(probed.why) };
    const { picture } = probed;
    announcedMs = picture.durationMs;
    const size = fitted(picture, settings.width, settings.height);
    const fps = Math.min(settings.fps, picture.fps ?? settings.fps);
    const plan = {
      ...planFor(settings, place),
      input: ['-re', ...source],
      before: filmFilters(picture.fps, settings.fps, size),
      mask: maskFile(settings.masks, size, place.runDir),
      encoder: 'libx264',
      gopFrames: Math.ceil(fps),
      height: size.height,
    } as const;
    return { ok: true, recipes: [{ name: 'film → libx264', commands: [mediaCommand(plan)], gives: allFrom(0) }] };
  };
  const cannotPlay = (why: string): Trouble => ({
    code: 'camera-input',
    text: `cannot play the film ${settings.path}: ${why}`,
  });
  const explain = (ended: readonly Ended[], playedMs: number): Trouble => {
    const trouble = explainBy([])(ended);
    if (ended.some(({ code }) => code !== 0)) return cannotPlay(trouble.text);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    if (playedMs === 0) return cannotPlay(`there is no picture in it. ${trouble.text}`);
    if (announcedMs !== undefined && playedMs < announcedMs * wholeShare)
      return cannotPlay(`it ends after ${seconds(playedMs)} s of ${seconds(announcedMs)} s: cut short`);
    return { code: 'film-ended', text: `the film ${settings.path} is over after ${seconds(playedMs)} s` };
  };
  return { ...liveCamera, name: 'film', prepare, explain, restartsWhenFrozen: false, beginsAfresh: true, beginsAgain };
}

/** `fps` only ever lowers the rate: frames that are not in the film are not made up. */
export const filmFilters = (
  ownFps: number | undefined,
  fpsMax: number,
  size: { readonly width: number; readonly height: number },
) => [
  ...(ownFps === undefined || ownFps > fpsMax + 0.5 ? [`fps=${fpsMax}`] : []),
  `scale=${size.width}:${size.height}:flags=bilinear+accurate_rnd+bitexact`,
  'setsar=1',
];
