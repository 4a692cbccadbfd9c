// The picture at one size: backdrop, what is drawn over it now, and the noise over both.
import { createPlanes, type Planes } from './backdrop.ts';
import type { CastChoice } from './cast-rules.ts';
import { type Effect, type Moment, relightColour, relitTable } from './effect.ts';
import { createEncoder, type Encoder } from './encoder.ts';
import { createGainNoise } from './gain.ts';
import { sightAt } from './ir-cut.ts';
import { drawFigures } from './lay-figures.ts';
import { createPrinter } from './noise.ts';
import type { Strengths } from './nuisance.ts';
import { createShifter, shakeAt, shiftedRect } from './shake.ts';
import type { Tile } from './tile.ts';
import type { SceneObject } from './truth.ts';
import { createView, type Site, type View } from './view.ts';
import { castOf } from './world.ts';

export interface Stage {
  /** Draws one moment into `into`: three planes, or when made without colour a grey picture in full range. */
  draw(frame: number, empty: boolean, into: Uint8Array): SceneObject[];
}

export interface StageRules {
  readonly fps: number;
  readonly cast: CastChoice;
  readonly strengths: Strengths;
  readonly colour: boolean;
}

export function createStage(site: Site, { fps, cast, strengths, colour }: StageRules): Stage {
  const { seed, time, width, height } = site;
  const { gain, compression } = strengths;
  const planes = createPlanes(width, height);
  const play = createPlay(site, cast, strengths, planes);
  const printer =
    gain === undefined ? createPrinter(seed, time, width, height) : createGainNoise(seed, time, width, height, gain);
  const render = (frame: number, empty: boolean, into: Uint8Array) => {
    const objects = play({ frame, second: frame / fps, fps, colour }, empty);
    if (colour) printer.all(planes.bytes, into, frame);
    else printer.luma(planes.y, into, frame);
    return objects;
  };
  const coded =
    compression === undefined
      ? render
      : coding(render, createEncoder(seed, width, height, fps, compression, colour), colour ? planes.bytes : planes.y);
  return {
    draw: (frame, empty, into) => {
      const aligned = into.byteOffset % 4 === 0 ? into : new Uint8Array(planes.bytes.length);
      const objects = coded(frame, empty, aligned);
      if (!colour) for (let at = 0; at < planes.y.length; at++) aligned[at] = fullRange[aligned[at] ?? 0] ?? 0;
      if (aligned !== into) into.set(aligned.subarray(0, into.length));
      return objects;
    },
  };
}

type Render = (frame: number, empty: boolean, into: Uint8Array) => SceneObject[];

/** Codes what is rendered. A frame asked for out of turn has its key frame drawn first. */
function coding(render: Render, encoder: Encoder, like: Uint8Array): Render {
  const bytes = new Uint8Array(like.length);
  let held = '';
  return (frame, empty, into) => {
    const key = encoder.keyOf(frame);
    if (held !== `${key} ${empty}`) {
      render(key, empty, bytes);
      encoder.key(bytes, key);
      held = `${key} ${empty}`;
    }
    const objects = render(frame, empty, into);
    if (frame === key) into.set(bytes);
    else encoder.code(into, frame);
    return objects;
  };
}

type Play = (moment: Moment, empty: boolean) => SceneObject[];

/** Everything up to the lens: the village, who is in it, what lies between, and how the camera hangs and sees. */
function createPlay(site: Site, choice: CastChoice, strengths: Strengths, planes: Planes): Play {
  const { seed, time, width, height } = site;
  const cover = new Float32Array(width * height);
  const usual = createView(site, strengths, planes, cover, false);
  const sightOf = createSight(site, strengths, usual, planes, cover);
  const shakes = createShake(seed, strengths, width, height);
  const cast = castOf(choice, usual.backdrop.layout, time);
  const tiles: Tile[] = [];
  const disturbed = Object.keys(strengths).length > 0;
  let dirty = true;
  return (moment, empty) => {
    const { view, expose } = sightOf(moment);
    if (dirty) planes.bytes.set(view.still);
    for (const lay of view.under) lay(planes, moment);
    const figures = empty ? [] : cast(moment.second);
    dirty = disturbed || figures.length > 0;
    const objects = drawFigures(view.board, view.backdrop, figures, tiles, cover);
    for (const lay of view.over) lay(planes, moment);
    expose(planes, moment);
    return shakes(planes, moment, objects);
  };
}

/** Which view the camera has at a moment, and what its exposure makes of the finished picture. */
type Sight = (moment: Moment) => { readonly view: View; readonly expose: Effect };

const asItIs: Effect = () => undefined;

function createSight(site: Site, strengths: Strengths, usual: View, planes: Planes, cover: Float32Array): Sight {
  const strength = strengths['ir-cut'];
  if (strength === undefined) return () => ({ view: usual, expose: asItIs });
  const infrared = createView(site, strengths, planes, cover, true);
  return ({ second }) => {
    const sight = sightAt(site.seed, strength, second);
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
