// The picture at one size: backdrop, what is drawn over it now, and the noise over both.
import { createPlanes, type Planes } from './backdrop.ts';
import type { CastChoice } from './cast-rules.ts';
import { type Effect, type Moment, relightColour, relitTable } from './effect.ts';
import { createInfrared } from './infrared.ts';
import { sightAt } from './ir-cut.ts';
import { drawFigures } from './lay-figures.ts';
import type { TimeOfDay } from './light.ts';
import { createGrain, type Grain } from './noise.ts';
import type { Strengths } from './nuisance.ts';
import type { SceneObject } from './scene.ts';
import { createShifter, shakeAt, shiftedRect } from './shake.ts';
import type { Tile } from './tile.ts';
import { createView, type Site, type View } from './view.ts';
import { castOf } from './world.ts';

/** Noise of a 1280 wide picture, in steps of 1/255. */
const sigmas = { day: { luma: 1.1, chroma: 0.7 }, night: { luma: 3.4, chroma: 1.6 } } as const;

export interface Stage {
  play(moment: Moment, empty: boolean): SceneObject[];
  print(frame: number, into: Uint8Array): void;
  printGrey(frame: number, into: Uint8Array): void;
}

export function createStage(site: Site, choice: CastChoice, strengths: Strengths): Stage {
  const { seed, time, width, height } = site;
  const planes = createPlanes(width, height);
  const cover = new Float32Array(width * height);
  const usual = createView(site, strengths, planes, cover);
  const sightOf = createSight(site, strengths, usual, planes, cover);
  const shakes = createShake(seed, strengths, width, height);
  const grain = grainsOf(seed, time, width, height);
  const cast = castOf(choice, usual.backdrop.layout, time);
  const tiles: Tile[] = [];
  const disturbed = Object.keys(strengths).length > 0;
  let dirty = true;
  return {
    play: (moment, empty) => {
      const { view, expose } = sightOf(moment);
      if (dirty) planes.bytes.set(view.still);
      for (const lay of view.under) lay(planes, moment);
      const figures = empty ? [] : cast(moment.second);
      dirty = disturbed || figures.length > 0;
      const objects = drawFigures(view.board, view.backdrop, figures, tiles, cover);
      for (const lay of view.over) lay(planes, moment);
      expose(planes, moment);
      return shakes(planes, moment, objects);
    },
    print: (frame, into) => {
      const aligned = into.byteOffset % 4 === 0 ? into : new Uint8Array(planes.bytes.length);
      grain.all(planes.bytes, aligned, frame);
      if (aligned !== into) into.set(aligned);
    },
    printGrey: (frame, into) => {
      grain.luma(planes.y, into, frame);
      for (let at = 0; at < planes.y.length; at++) into[at] = fullRange[into[at] ?? 0] ?? 0;
    },
  };
}

/** Which view the camera has at a moment, and what its exposure makes of the finished picture. */
type Sight = (moment: Moment) => { readonly view: View; readonly expose: Effect };

const asItIs: Effect = () => undefined;

function createSight(
  { seed, time, width, height }: Site,
  strengths: Strengths,
  usual: View,
  planes: Planes,
  cover: Float32Array,
): Sight {
  const strength = strengths['ir-cut'];
  if (strength === undefined) return () => ({ view: usual, expose: asItIs });
  const light = createInfrared(usual.backdrop.light);
  const infrared = createView({ seed, time, width, height }, strengths, planes, cover, { light });
  return ({ second }) => {
    const sight = sightAt(seed, strength, second);
    return { view: sight.infrared ? infrared : usual, expose: exposing(sight) };
  };
}

function exposing({ infrared, gain, veil }: ReturnType<typeof sightAt>): Effect {
  return (planes, { colour }) => {
    if (colour && infrared) planes.bytes.fill(112, planes.y.length);
    if (gain === 1 && veil === 0) return;
    const table = relitTable(gain, veil);
    for (let at = 0; at < planes.y.length; at++) planes.y[at] = table[planes.y[at] ?? 0] ?? 0;
    if (colour && !infrared) relightColour(planes, Math.min(1.3, gain ** 0.45));
  };
}

type Shake = (planes: Planes, moment: Moment, objects: SceneObject[]) => SceneObject[];

/** Moves the finished picture, and the truth with it. */
function createShake(seed: number, { shake }: Strengths, width: number, height: number): Shake {
  if (shake === undefined) return (_planes, _moment, objects) => objects;
  const move = createShifter(width, height);
  return (planes, { second, colour }, objects) => {
    const shift = shakeAt(seed, shake, second, width);
    move(planes, shift, colour);
    return objects.map((one) => {
      const box = shiftedRect(one, shift, width, height);
      // What the shift pushes over the edge is not seen any more.
      const share = one.w * one.h > 0 ? Math.min(1, (box.w * box.h) / (one.w * one.h)) : 0;
      const visible = Math.round(one.visible * share * 1000) / 1000;
      return { ...one, ...box, visible, touched: shiftedRect(one.touched, shift, width, height) };
    });
  };
}

const fullRange = Uint8Array.from({ length: 256 }, (_, value) =>
  Math.max(0, Math.min(255, Math.round(((value - 16) * 255) / 219))),
);

function grainsOf(seed: number, time: TimeOfDay, width: number, height: number) {
  // A small picture is the mean of many pixels: less noise, though not as little as if they were independent.
  const scale = Math.min(1.2, 0.3 + 0.7 * (width / 1280));
  const size = width * height;
  const luma = createGrain(seed * 2 + 1, width, height, sigmas[time].luma * scale);
  const chroma = createGrain(seed * 2 + 2, width / 2, height / 2, sigmas[time].chroma * scale);
  const words = (bytes: Uint8Array, from: number, length: number) =>
    new Int32Array(bytes.buffer, bytes.byteOffset + from, length / 4);
  const plane = (grain: Grain, from: Uint8Array, into: Uint8Array, start: number, length: number, frame: number) =>
    grain.add(words(from, start, length), words(into, start, length), frame);
  return {
    luma: (from: Uint8Array, into: Uint8Array, frame: number) => plane(luma, from, into, 0, size, frame),
    all: (from: Uint8Array, into: Uint8Array, frame: number) => {
      plane(luma, from, into, 0, size, frame);
      plane(chroma, from, into, size, size / 4, frame * 2);
      plane(chroma, from, into, size + size / 4, size / 4, frame * 2 + 1);
    },
  };
}
