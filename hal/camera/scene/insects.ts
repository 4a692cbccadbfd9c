// Insects: by night large blurred blobs and beaded streaks close to the camera's lamp and specks around the street lamps; by day small dark specks.
import type { Backdrop, Planes } from './backdrop.ts';
import { type Effect, wander } from './effect.ts';
import { depthOf, pixelX, pixelY } from './lens.ts';
import { type Dice, dice, noise } from './random.ts';

const slotS = 0.3;
const flightSMax = 0.6;
const exposureS = 1 / 18;

/** One insect's way through the picture: a bent path in parts of the width, how wide, how bright. */
interface Flight {
  readonly fromS: number;
  readonly lastsS: number;
  readonly path: readonly [ax: number, ay: number, bx: number, by: number, cx: number, cy: number];
  readonly radius: number;
  readonly peak: number;
  /** Wing beats a picture width: they cut the streak into beads. */
  readonly beads: number;
}

export function createInsects({ layout, lens, light }: Backdrop, strength: number): Effect {
  const night = light.time === 'night';
  const seed = layout.seed;
  const heads = night ? light.lamps.filter((lamp) => lamp.down) : [];
  return (planes, { second }) => {
    const slot = Math.floor(second / slotS);
    for (let index = slot; index >= slot - Math.ceil(flightSMax / slotS); index--)
      for (const flight of flightsOf(seed, index, strength, night, planes.height / planes.width)) {
        const at = (second - flight.fromS) / flight.lastsS;
        if (at >= 0 && at <= 1) draw(planes, flight, at);
      }
    for (const [index, { at }] of heads.entries()) {
      const far = depthOf(lens, at);
      if (far > 25) continue;
      const count = Math.round(4 + 8 * strength);
      for (let moth = 0; moth < count; moth++) {
        const id = seed + index * 40 + moth;
        const reach = 0.25 + 0.7 * noise(moth * 1.3, id % 71);
        const x = at[0] + reach * swing(id, second, 0) * 1.6;
        const z = at[2] + reach * swing(id, second, 9) - 0.1;
        const point = [x, at[1] - 0.3, z] as const;
        const radius = Math.max(0.45, (0.035 * lens.focal) / far);
        stroke(planes, pixelX(lens, point), pixelY(lens, point), 0, 0, radius, 95, 0);
      }
    }
  };
}

function swing(id: number, second: number, shift: number): number {
  return (noise(second * 2.6 + (id % 577) * 1.9, (id % 83) + shift) - 0.5) * 2;
}

function flightsOf(seed: number, slot: number, strength: number, night: boolean, aspect: number): Flight[] {
  const chance = dice(seed, 90, slot);
  // They come in spells: for a minute many, then few.
  const busy = wander(seed + 91, slot * slotS, 40);
  const mean = (night ? 1 + 15 * strength : 0.3 + 2 * strength) * (0.4 + busy * busy * 1.8) * slotS;
  const count = Math.floor(mean + chance.part());
  return Array.from({ length: count }, () => flight(chance, slot * slotS, night, aspect));
}

function flight(chance: Dice, slotFromS: number, night: boolean, aspect: number): Flight {
  const near = chance.part() ** 2;
  const x = chance.from(-0.1, 1.1);
  const y = chance.from(-0.1, 1.1) * aspect;
  const turn = chance.from(0, Math.PI * 2);
  const length = chance.from(0.25, 0.6) * (0.5 + near);
  const bend = chance.from(-0.6, 0.6) * length;
  const dx = Math.cos(turn) * length;
  const dy = Math.sin(turn) * length;
  return {
    fromS: slotFromS + chance.part() * slotS,
    lastsS: chance.from(0.1, flightSMax),
    path: [x, y, x + dx / 2 - dy * bend, y + dy / 2 + dx * bend, x + dx, y + dy],
    radius: night ? 0.004 + 0.032 * near : 0.0022 + 0.004 * near,
    peak: night ? chance.from(90, 210) * (1 - 0.25 * near) : -chance.from(40, 80),
    beads: chance.chance(0.6) ? chance.from(18, 45) : 0,
  };
}

/** The piece of the path that is passed while the shutter is open, as two straight strokes. */
function draw(planes: Planes, { path, radius, peak, beads, lastsS }: Flight, at: number): void {
  const open = exposureS / lastsS;
  const [ax, ay] = along(path, at - open);
  const [bx, by] = along(path, at - open / 2);
  const [cx, cy] = along(path, at);
  const w = planes.width;
  const size = Math.max(0.45, radius * w);
  // The longer the streak, the shorter each place of it is lit.
  const length = Math.hypot(cx - ax, cy - ay) * w;
  const seen = (peak * (size * 2)) / (size * 2 + 0.5 * length);
  stroke(planes, ax * w, ay * w, (bx - ax) * w, (by - ay) * w, size, seen, beads);
  stroke(planes, bx * w, by * w, (cx - bx) * w, (cy - by) * w, size, seen, beads);
}

function along([ax, ay, bx, by, cx, cy]: Flight['path'], part: number): readonly [number, number] {
  const rest = 1 - part;
  return [
    rest * rest * ax + 2 * rest * part * bx + part * part * cx,
    rest * rest * ay + 2 * rest * part * by + part * part * cy,
  ];
}

/** Out of focus: bright in the middle, nothing at `radius`. */
function stroke(
  planes: Planes,
  x: number,
  y: number,
  dx: number,
  dy: number,
  radius: number,
  peak: number,
  beads: number,
): void {
  const { width, height } = planes;
  const square = dx * dx + dy * dy;
  const reach = radius + 0.7;
  const x0 = Math.max(0, Math.floor(Math.min(x, x + dx) - reach));
  const x1 = Math.min(width - 1, Math.ceil(Math.max(x, x + dx) + reach));
  const y0 = Math.max(0, Math.floor(Math.min(y, y + dy) - reach));
  const y1 = Math.min(height - 1, Math.ceil(Math.max(y, y + dy) + reach));
  for (let row = y0; row <= y1; row++) {
    for (let column = x0; column <= x1; column++) {
      const px = column + 0.5 - x;
      const py = row + 0.5 - y;
      let part = square > 1e-6 ? (px * dx + py * dy) / square : 0;
      part = part < 0 ? 0 : Math.min(part, 1);
      const distance = Math.sqrt((px - dx * part) ** 2 + (py - dy * part) ** 2) / reach;
      if (distance >= 1) continue;
      const bead = beads === 0 ? 1 : 0.7 + 0.3 * Math.sin(((px + x + (py + y) * 0.7) / width) * beads * 2 * Math.PI);
      const soft = (1 - distance * distance) ** 2 * bead;
      const at = row * width + column;
      planes.y[at] = Math.max(0, Math.min(219, (planes.y[at] ?? 0) + peak * soft + 0.5));
    }
  }
}
