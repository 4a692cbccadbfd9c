// A film with the filter's view drawn over it, at the film's own size and rate.
//
//   film ─▶ grey pictures ─▶ filter ─▶ overlay ─┐
//     └──▶ RGB pictures, the same moments ─────▶ drawn over ─▶ x264 ─▶ MP4
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { probeMs } from '../../hal/camera/bounds.ts';
import { type Child, startChild } from '../../hal/camera/child.ts';
import { greyPool, greyReader } from '../../hal/camera/grey.ts';
import { type Picture, probe } from '../../hal/camera/probe.ts';
import { type FilmRead, readGreyFilm } from '../grey-film.ts';
import type { Language } from '../language.ts';
import { createPlayer, type Progress, type Replayed } from '../replay/play.ts';
import type { Rules } from '../replay/rules.ts';
import { type Canvas, createCanvas } from './canvas.ts';
import { createOverlay, type Draw } from './overlay.ts';
import { openLetters } from './text.ts';

export type Annotated =
  | { readonly ok: true; readonly replayed: Replayed; readonly pictures: number }
  | { readonly ok: false; readonly why: 'unreadable' | 'unwritable'; readonly text: string };

/** More would only make the file larger. */
const fpsMax = 30;
const fpsUnknown = 25;

export async function annotate(
  film: string,
  out: string,
  rules: Rules,
  language: Language,
  progress: Progress,
  signal: AbortSignal,
): Promise<Annotated> {
  const source = ['-protocol_whitelist', 'file', '-i', `file:${film}`];
  const probed = await probe({ args: source }, probeMs.file, [], signal);
  if (!probed.ok) return { ok: false, why: 'unreadable', text: probed.why };
  const { picture } = probed;
  const fps = Math.min(fpsMax, picture.fps ?? fpsUnknown);
  const letters = await openLetters();
  const overlay = createOverlay(rules.motion, picture, letters, language);
  const player = createPlayer(rules, language);
  const draft = join(dirname(out), `.${basename(out)}.part.mp4`);
  const painter = openPainter(source, picture, fps, draft, signal);
  let drawn: Draw = () => undefined;

  const read: FilmRead = await readGreyFilm(
    film,
    rules.motion,
    async (frame) => {
      const seen = player.see(frame);
      // The pictures up to this moment still show what was known before it.
      await painter.paintBefore(frame.monoMs, drawn);
      const happening = player.happening();
      drawn = await overlay.of(
        player.motion,
        seen,
        happening,
        player.events().length + (happening === undefined ? 0 : 1),
      );
      progress.show(frame.monoMs / 1000, player.events().length);
    },
    signal,
  );
  await painter.paintBefore(Number.POSITIVE_INFINITY, drawn);
  const failed = await painter.close();
  progress.clear();
  if (!read.ok && read.why === 'unreadable') failed.push(read.text);
  if (failed.length > 0 || painter.pictures() === 0) {
    await rm(draft, { force: true });
    return { ok: false, why: read.ok ? 'unwritable' : 'unreadable', text: failed.join('; ') };
  }
  await rename(draft, out);
  return { ok: true, replayed: { read, ...player.end() }, pictures: painter.pictures() };
}

function openPainter(
  source: readonly string[],
  { width, height }: Picture,
  fps: number,
  draft: string,
  signal: AbortSignal,
) {
  const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error'];
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24'];
  const view = `fps=${fps},scale=${width}:${height}`;
  const decode = [...quiet, '-threads', '1', ...source, '-map', '0:V:0', '-vf', view, ...raw, 'pipe:1'];
  const input = [...raw, '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0'];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '21',
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    '+faststart',
  ];
  const decoder = startChild({ program: 'ffmpeg', args: decode }, ['ignore', 'pipe', 'pipe'], []);
  const encoder = startChild(
    {
      program: 'ffmpeg',
      args: ['-hide_banner', '-nostats', '-v', 'error', '-y', ...input, ...encode, `file:${draft}`],
    },
    ['pipe', 'ignore', 'pipe'],
    [],
  );
  for (const child of [decoder, encoder]) signal.addEventListener('abort', child.end, { once: true });
  const canvas: Canvas = createCanvas(width, height);
  const frames = rawFrames(decoder, width * height * 3);
  const write = writer(encoder);
  let pictures = 0;

  return {
    pictures: () => pictures,
    /** Draws over every picture of the film that comes before this moment. */
    paintBefore: async (monoMs: number, draw: Draw) => {
      while ((pictures * 1000) / fps < monoMs) {
        const next = await frames.next();
        if (next.done === true) return;
        canvas.on(next.value);
        draw(canvas);
        await write(next.value);
        pictures++;
      }
    },
    /** What went wrong, in words; nothing when all went well. */
    close: async (): Promise<string[]> => {
      decoder.end();
      encoder.process.stdin?.end();
      const ended = await encoder.ended;
      await decoder.ended;
      return ended.code === 0 ? [] : [ended.lastWords || `ffmpeg ended with code ${ended.code}`];
    },
  };
}

async function* rawFrames(child: Child, bytes: number): AsyncGenerator<Uint8Array> {
  const pool = greyPool(bytes);
  const reader = greyReader(pool);
  for await (const chunk of child.process.stdout ?? []) {
    const whole: Uint8Array[] = [];
    reader.push(chunk, (pixels) => whole.push(pixels));
    for (const pixels of whole) {
      yield pixels;
      pool.giveBack(pixels);
    }
  }
}

/** Waits while the encoder has enough; once it is gone, what is written is nobody's: its last words say why. */
function writer({ process: { stdin }, ended }: Child): (pixels: Uint8Array) => Promise<void> {
  let gone = false;
  stdin?.on('error', () => {
    gone = true;
  });
  void ended.then(() => {
    gone = true;
  });
  return async (pixels) => {
    if (stdin === null || gone) return;
    // The buffer is drawn into again as soon as this returns: it must have left.
    await new Promise<void>((resolve) => stdin.write(pixels, () => resolve()));
  };
}
