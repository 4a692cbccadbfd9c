// What is drawn over the film for one analysed picture: zones, what differs, boxes with what they need, ways, the filter's own view, the decision.
import type { MotionConfig } from '../../agent/core/config/schema.ts';
import type { Motion, MotionSeen } from '../../agent/core/motion/motion.ts';
import { cellPixels, columnName } from '../../agent/core/trace/cells.ts';
import type { SightedTrack } from '../../agent/core/trace/sight.ts';
import type { EventDetails } from '../../protocol/details.ts';
import type { Language } from '../language.ts';
import { clock } from '../replay/show.ts';
import { words } from '../replay/words.ts';
import { annotateWords } from './annotate-words.ts';
import type { Canvas, Colour, Grey, Stencil } from './canvas.ts';
import type { Letters } from './text.ts';

const colours = {
  counts: [70, 230, 110],
  near: [255, 196, 40],
  never: [170, 178, 190],
  watch: [70, 200, 255],
  ignore: [255, 110, 110],
  differs: [255, 120, 30],
  ink: [255, 255, 255],
  paper: [10, 14, 20],
  alarm: [255, 90, 80],
} as const satisfies Record<string, Colour>;

/** Seconds of way shown behind a track. */
const tailMs = 6000;
const insetPart = 0.19;

/** Draws on whichever picture the canvas is on. */
export type Draw = (canvas: Canvas) => void;

export interface Overlay {
  /** The pictures must be told in order: ways grow from one to the next. */
  of(motion: Motion, seen: MotionSeen, happening: EventDetails | undefined, count: number): Promise<Draw>;
}

interface Tail {
  readonly bornMs: number;
  readonly points: { readonly monoMs: number; readonly at: readonly [number, number] }[];
}

export function createOverlay(
  rules: MotionConfig,
  size: { width: number; height: number },
  letters: Letters,
  language: Language,
): Overlay {
  const say = annotateWords[language];
  const held = words[language].rules;
  const sx = size.width / rules.width;
  const sy = size.height / rules.height;
  const px = Math.max(10, Math.round(size.height / 32));
  const small = Math.max(8, Math.round(px * 0.72));
  const thick = Math.max(1, Math.round(size.height / 270));
  const pad = Math.max(3, Math.round(px / 2));
  const insetWide = Math.round(size.width * insetPart);
  const insetHigh = Math.round((insetWide * rules.height) / rules.width);
  const panelsEnd = 2 * pad + insetHigh;
  const tails = new Map<number, Tail>();

  function follow({ slot, bornMs, left, top, right, bottom }: SightedTrack, monoMs: number): Tail['points'] {
    const before = tails.get(slot);
    const tail = before?.bornMs === bornMs ? before : { bornMs, points: [] };
    tails.set(slot, tail);
    tail.points.push({ monoMs, at: [((left + right) / 2) * sx, ((top + bottom) / 2) * sy] });
    while ((tail.points[0]?.monoMs ?? monoMs) < monoMs - tailMs) tail.points.shift();
    return [...tail.points];
  }

  async function track(each: SightedTrack, monoMs: number): Promise<Draw> {
    const counts = each.rule === 'none';
    const colour = counts ? colours.counts : each.needs > 10 ? colours.never : colours.near;
    const text = counts ? say.counts(each.needs) : say.held(held[each.rule], each.needs);
    const label = await letters.write(text, small);
    const points = follow(each, monoMs);
    const box = {
      x: each.left * sx,
      y: each.top * sy,
      w: (each.right - each.left) * sx,
      h: (each.bottom - each.top) * sy,
    };
    return (canvas) => {
      for (const [i, point] of points.entries()) {
        const before = points[i - 1];
        if (before !== undefined)
          canvas.line(before.at, point.at, colour, thick + 1, 0.35 + (0.65 * i) / points.length);
      }
      canvas.outline(box, colours.paper, thick + 1, 0.5);
      canvas.outline(box, colour, counts ? thick + 1 : thick);
      const x = Math.max(0, Math.min(canvas.width - label.width - 2 * thick, box.x));
      // Above the box, or in it where the panel and the insets are above it.
      const above = box.y - label.height - 2 * thick;
      const y = Math.min(
        canvas.height - label.height - 2 * thick,
        above >= panelsEnd ? above : Math.max(panelsEnd, box.y),
      );
      canvas.fill({ x, y, w: label.width + 2 * thick, h: label.height + 2 * thick }, colours.paper, 0.62);
      canvas.stamp(label, x + thick, y + thick, colour);
    };
  }

  async function zone(name: string, polygon: readonly (readonly [number, number])[], colour: Colour): Promise<Draw> {
    const label = await letters.write(name, small);
    const corners = polygon.map(([x, y]) => [x * size.width, y * size.height] as const);
    const [x = 0, y = 0] = corners.reduce(
      (best, corner) => (corner[1] < best[1] ? corner : best),
      corners[0] ?? [0, 0],
    );
    return (canvas) => {
      for (const [i, corner] of corners.entries())
        canvas.line(corner, corners[(i + 1) % corners.length] ?? corner, colour, thick, 0.8);
      canvas.stamp(label, Math.min(x + pad, canvas.width - label.width), y + pad, colour);
    };
  }

  async function grid(): Promise<Draw> {
    const step = cellPixels * Math.min(sx, sy) < 1.6 * small ? 2 : 1;
    const columns = Math.ceil(rules.width / cellPixels);
    // The last row of 90 pixels is a quarter of a cell: no room for a number.
    const rows = Math.round(rules.height / cellPixels);
    const names = await Promise.all(Array.from({ length: columns }, (_, i) => letters.write(columnName(i), small)));
    const numbers = await Promise.all(Array.from({ length: rows }, (_, i) => letters.write(String(i + 1), small)));
    return (canvas) => {
      const put = (stencil: Stencil | undefined, x: number, y: number) => {
        if (stencil === undefined) return;
        canvas.stamp(stencil, x + 1, y + 1, colours.paper, 0.9);
        canvas.stamp(stencil, x, y, colours.ink, 0.85);
      };
      for (let i = 0; i < columns; i += step) {
        const x = i * cellPixels * sx;
        canvas.fill({ x, y: canvas.height - pad / 2, w: thick, h: pad / 2 }, colours.ink, 0.7);
        put(
          names[i],
          x + (cellPixels * sx - (names[i]?.width ?? 0)) / 2,
          canvas.height - pad / 2 - (names[i]?.height ?? 0) - 1,
        );
      }
      for (let i = 0; i < rows; i += step) {
        const y = i * cellPixels * sy;
        canvas.fill({ x: 0, y, w: pad / 2, h: thick }, colours.ink, 0.7);
        put(
          numbers[i],
          pad / 2 + 2,
          y + (Math.min(cellPixels * sy, canvas.height - y) - (numbers[i]?.height ?? 0)) / 2,
        );
      }
    };
  }

  /** Foreground, where a pixel of the analysed picture differs; copied, since the filter goes on. */
  function differing(motion: Motion): Draw {
    const foreground = motion.model.foreground.slice();
    return (canvas) => {
      for (let y = 0; y < rules.height; y++) {
        for (let x = 0; x < rules.width; x++) {
          const from = x;
          while (x < rules.width && foreground[y * rules.width + x] === 1) x++;
          if (x > from) canvas.fill({ x: from * sx, y: y * sy, w: (x - from) * sx, h: sy }, colours.differs, 0.3);
        }
      }
    };
  }

  async function insets(motion: Motion): Promise<Draw> {
    const [w, h] = [insetWide, insetHigh];
    const mean = Uint8Array.from(motion.model.mean, (level) => Math.max(0, Math.min(255, level)));
    const foreground = motion.model.foreground.slice();
    const pictures: readonly [string, Grey['at']][] = [
      [say.background, (pixel) => mean[pixel] ?? 0],
      [say.differs, (pixel) => (foreground[pixel] === 1 ? 255 : 20)],
    ];
    const titles = await Promise.all(pictures.map(([title]) => letters.write(title, small)));
    return (canvas) => {
      for (const [i, [, at]] of pictures.entries()) {
        const x = canvas.width - (pictures.length - i) * (w + pad);
        const rect = { x, y: pad, w, h };
        canvas.inset({ width: rules.width, height: rules.height, at }, rect);
        canvas.outline({ x: x - 1, y: pad - 1, w: w + 2, h: h + 2 }, colours.ink, 1, 0.8);
        const title = titles[i];
        if (title === undefined) continue;
        canvas.fill({ x, y: pad + h - title.height - 4, w: title.width + 6, h: title.height + 4 }, colours.paper, 0.7);
        canvas.stamp(title, x + 3, pad + h - title.height - 2, colours.ink);
      }
    };
  }

  async function decision(
    motion: Motion,
    seen: MotionSeen,
    happening: EventDetails | undefined,
    count: number,
  ): Promise<Draw> {
    const wide = size.width * (1 - 2 * insetPart) - 5 * pad;
    const state = seen.warming
      ? say.warming
      : happening === undefined
        ? motion.sight.whole === 'none'
          ? say.quiet
          : held[motion.sight.whole]
        : seen.moving
          ? say.event(count)
          : say.ending(count);
    const colour = happening === undefined ? colours.ink : happening.level === 'alarm' ? colours.alarm : colours.counts;
    const { bar, noise, share } = motion.sight;
    const head = await letters.write(`${clock(seen.monoMs)}   ${state}`, px);
    const why = await letters.write(seen.reason, small, wide);
    const figures = await letters.write(say.figures(rules.sensitivity, bar, noise, 100 * share), small, wide);
    return (canvas) => {
      const lines: readonly (readonly [Stencil, Colour])[] = [
        [head, colour],
        [why, colours.ink],
        [figures, colours.never],
      ];
      const shown = lines.filter(([line]) => line.height > 0);
      const h = shown.reduce((sum, [line]) => sum + line.height + pad / 2, 1.5 * pad);
      canvas.fill({ x: pad, y: pad, w: wide + 2 * pad, h }, colours.paper, 0.62);
      canvas.fill({ x: pad, y: pad, w: thick * 2, h }, colour, 0.95);
      let y = 2 * pad;
      for (const [line, ink] of shown) {
        canvas.stamp(line, 2.5 * pad, y, ink);
        y += line.height + pad / 2;
      }
    };
  }

  const still = Promise.all([
    ...rules.watch.map(({ name, polygon }) => zone(name, polygon, colours.watch)),
    ...rules.ignore.map(({ name, polygon }) => zone(name, polygon, colours.ignore)),
    grid(),
  ]);

  return {
    of: async (motion, seen, happening, count) => {
      const tracks = motion.sight.tracks.slice(0, motion.sight.count);
      // Those that count are drawn last, over the others.
      const ordered = tracks.toSorted((one, other) => other.needs - one.needs);
      const draws = [
        differing(motion),
        ...(await still),
        ...(await Promise.all(ordered.map((each) => track(each, seen.monoMs)))),
        await decision(motion, seen, happening, count),
        await insets(motion),
      ];
      return (canvas) => {
        for (const draw of draws) draw(canvas);
      };
    },
  };
}
