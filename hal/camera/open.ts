// The door of this room: settings in, a `Camera` out.
import type { Camera, CameraSight } from '../ports.ts';
import { captionFile } from './caption.ts';
import { filmDriver } from './drivers/film.ts';
import { piDriver } from './drivers/pi.ts';
import type { Place } from './drivers/place.ts';
import { rtspDriver } from './drivers/rtsp.ts';
import { drawnScene, type SceneCommand, sceneDriver } from './drivers/scene.ts';
import { stillsDriver } from './drivers/stills.ts';
import { v4l2Driver } from './drivers/v4l2.ts';
import { greyPool } from './grey.ts';
import { goLive, type Live } from './live.ts';
import type { Driver } from './recipe.ts';
import type { AnalysisSettings, CameraSettings } from './settings.ts';
import { type SightQueue, sightQueue } from './sights.ts';

export interface CameraWorld {
  monoMs(): number;
  /** A folder on tmpfs of this camera's own; the caller makes it and removes it. */
  readonly runDir: string;
  readonly analysis: AnalysisSettings;
  /** Where the board's encoder is looked for: /sys, or another folder in tests. */
  readonly sysRoot?: string;
  /** A film that is over begins again without a fault, as `repeat` in its settings does. */
  readonly beginsAgain?: boolean;
  /** Draws the scene; the drawn junction of this room where it is not given. */
  readonly sceneCommand?: SceneCommand;
}

const common = {
  startMs: 10_000,
  frozenMs: 10_000,
  failuresMax: 3,
  backOffMs: { first: 1000, max: 30_000 },
  calmMs: 60_000,
} as const;

/** Nothing starts before `run`. A camera runs once at a time. */
export function openCamera(settings: CameraSettings, world: CameraWorld): Camera {
  const { analysis, runDir, sysRoot } = world;
  const caption = captionFile(runDir);
  const place = { runDir, captionPath: caption.path, analysis, sysRoot };
  const whole = driverOf(settings, place, world);
  const half = hasPace(settings) ? driverOf(halved(settings, analysis), place, world) : whole;
  let driver = whole;
  let live: Live | undefined;
  let queue: SightQueue | undefined;

  async function* run(signal: AbortSignal): AsyncGenerator<CameraSight, void, undefined> {
    if (queue !== undefined) throw new Error('this camera is running already');
    const pool = greyPool(analysis.width * analysis.height);
    const sights = sightQueue(pool.giveBack);
    const consumerLeft = new AbortController();
    queue = sights;
    const push = sights.push;
    attempt(caption.ensure);
    const rules = { ...common, ...driver };
    const parts = { driver: () => driver, rules, analysis, pool, monoMs: world.monoMs, push };
    live = goLive(parts, AbortSignal.any([signal, consumerLeft.signal]));
    const over = live.over.then(sights.end);
    try {
      yield* sights.take();
    } finally {
      consumerLeft.abort();
      await over;
      queue = undefined;
    }
  }
  /** A full tmpfs costs the caption, not the picture. */
  const attempt = (writing: () => void) => {
    try {
      writing();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      queue?.push({ is: 'fault', code: 'camera-input', text: `the caption cannot be written: ${why}` });
    }
  };
  return {
    run,
    pace: (pace) => {
      const wanted = pace === 'half' ? half : whole;
      if (wanted === driver) return;
      driver = wanted;
      live?.renew();
    },
    caption: (text) => attempt(() => caption.write(text)),
    inventory: () => {
      const now = live?.inventory();
      const phase = now?.state.phase;
      return {
        driver: driver.name,
        recipe: phase?.name === 'starting' || phase?.name === 'running' ? phase.recipe : undefined,
        left: now?.state.left ?? [],
        restarts: now?.state.restarts ?? 0,
        pids: now?.pids ?? [],
      };
    },
  };
}

/** The camera delivers what it is asked for; with RTSP a lower rate would mean encoding anew, which heats more than it saves. */
const hasPace = ({ driver }: CameraSettings): boolean => driver !== 'rtsp' && driver !== 'stills';

/** Never below what is analysed. */
const halved = <S extends CameraSettings>(settings: S, { fps }: AnalysisSettings): S => ({
  ...settings,
  fps: Math.min(settings.fps, Math.max(fps, Math.ceil(settings.fps / 2))),
});

function driverOf(settings: CameraSettings, place: Place, world: CameraWorld): Driver {
  switch (settings.driver) {
    case 'pi':
      return piDriver(settings, place);
    case 'v4l2':
      return v4l2Driver(settings, place);
    case 'rtsp':
      return rtspDriver(settings, place);
    case 'stills':
      return stillsDriver(settings, place);
    case 'film':
      return filmDriver(settings, place, settings.repeat || world.beginsAgain === true);
    case 'scene':
      return sceneDriver(settings, place, world.sceneCommand ?? drawnScene);
  }
}
