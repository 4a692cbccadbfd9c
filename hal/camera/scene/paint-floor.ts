// Where people live: doors, windows with shutters, balconies with what stands and hangs on them.
import { plain, strand, surface } from './canvas.ts';
import { concrete, dark, type Face, louvres, plaster, window } from './house-front.ts';
import { colour, scaled } from './tone.ts';

export function upperFloor(face: Face, floor: number, storey: number): void {
  const { house, chance } = face;
  const wide = house.widthM;
  if (!house.balcony) {
    for (const middle of wide > 4.6 ? [0.27, 0.73] : [0.5])
      shuttered(face, wide * middle - 0.5, floor + 0.95, wide * middle + 0.5, floor + storey - 0.65);
    if (chance.chance(0.6)) cooler(face, wide * 0.5 - 0.35, floor + 0.3);
    return;
  }
  const door = wide * 0.5 - 0.6;
  face.rect(door - 0.1, floor, door + 1.3, floor + storey - 0.6, plaster(house.trim, 99, 3), 0.02);
  face.rect(door, floor, door + 1.2, floor + storey - 0.7, window(chance.chance(0.5)), 0.03);
  face.rect(door + 0.58, floor, door + 0.62, floor + storey - 0.7, plain(house.shutters), 0.035);
  // The slab stands 0.9 m out: its shadow, its underside, its edge, then the railing before everything.
  face.rect(0.2, floor - 0.95, wide - 0.2, floor - 0.2, plain(dark), 0.05, { cover: 0.35, thin: true });
  const out = 0.9;
  surface(
    face.canvas,
    [
      face.at(0.15, floor - 0.14),
      face.at(wide - 0.15, floor - 0.14),
      face.at(wide - 0.15, floor - 0.14, out),
      face.at(0.15, floor - 0.14, out),
    ],
    plain(scaled(concrete, 0.75)),
  );
  face.rect(0.15, floor - 0.14, wide - 0.15, floor + 0.06, plaster(house.trim, 99, 6), out);
  if (chance.chance(0.5)) laundry(face, floor, wide);
  for (const u of [0.4, wide - 0.75]) if (chance.chance(0.7)) pot(face, u, floor + 0.06, 0.7);
  const rail = plain(scaled(house.shutters, 0.8));
  for (let u = 0.2; u < wide - 0.15; u += 0.14)
    face.rect(u, floor + 0.06, u + 0.03, floor + 0.9, rail, out, { cover: 0.9 });
  face.rect(0.13, floor + 0.88, wide - 0.13, floor + 0.96, rail, out + 0.02);
}

export function frontDoor(face: Face, top: number): void {
  const { house, chance } = face;
  const wide = house.widthM;
  const wood = scaled(house.shutters, 0.9);
  const door = wide * 0.3;
  face.rect(door - 0.12, 0, door + 1.42, top - 0.05, plaster(house.trim, 9, 2), 0.03);
  face.rect(door, 0, door + 1.3, top - 0.15, louvres(wood), 0.035);
  for (const u of [door + 0.32, door + 0.65, door + 0.98])
    face.rect(u - 0.012, 0.05, u + 0.012, top - 0.2, plain(scaled(wood, 0.4)), 0.04);
  shuttered(face, door + 1.75, 0.95, Math.min(wide - 0.4, door + 2.85), top - 0.3);
  for (const u of [0.35, wide - 0.6]) pot(face, u + chance.from(0, 0.15), 0);
}

/** A window with both shutters thrown open, or closed. */
function shuttered(face: Face, u0: number, v0: number, u1: number, v1: number): void {
  const { house, chance } = face;
  const wood = louvres(house.shutters);
  face.rect(u0 - 0.1, v0 - 0.1, u1 + 0.1, v1 + 0.12, plaster(house.trim, 99, 8), 0.02);
  if (chance.chance(0.3)) {
    face.rect(u0, v0, u1, v1, wood, 0.03);
    face.rect((u0 + u1) / 2 - 0.015, v0, (u0 + u1) / 2 + 0.015, v1, plain(scaled(house.shutters, 0.3)), 0.035);
    return;
  }
  face.rect(u0, v0, u1, v1, window(chance.chance(0.55)), 0.03);
  face.rect(u0, v1 - 0.22, u1, v1, plain(dark), 0.032, { cover: 0.5, thin: true });
  const half = (u1 - u0) / 2;
  face.rect(u0 + half - 0.02, v0, u0 + half + 0.02, v1, plain(house.shutters), 0.035);
  face.rect(u0 - half - 0.02, v0 - 0.02, u0 - 0.02, v1 + 0.02, wood, 0.06);
  face.rect(u1 + 0.02, v0 - 0.02, u1 + half + 0.02, v1 + 0.02, wood, 0.06);
  for (let bar = u0 + 0.12; bar < u1; bar += 0.16)
    face.rect(bar, v0, bar + 0.02, v1, plain(scaled(house.trim, 0.5)), 0.05, { cover: 0.7 });
}

function laundry(face: Face, floor: number, wide: number): void {
  const { chance } = face;
  const line = floor + 1.75;
  face.rect(0.3, line, wide - 0.3, line + 0.02, plain(dark), 0.6);
  for (let u = 0.4; u < wide - 0.9; u += chance.from(0.5, 0.75)) {
    const cloth = colour(chance.pick(['#e9e3da', '#b8524a', '#5f86b5', '#e3c15c', '#7b9b78', '#d99bb0'] as const));
    face.rect(u, line - chance.from(0.45, 0.8), u + chance.from(0.35, 0.48), line, plain(cloth), 0.61);
  }
}

function cooler(face: Face, u: number, v: number): void {
  face.rect(u + 0.05, v - 0.14, u + 0.9, v, plain(dark), 0.02, { cover: 0.35, thin: true });
  face.rect(u, v, u + 0.85, v + 0.55, plain(colour('#d8d6cc')), 0.3);
  face.rect(u + 0.08, v + 0.07, u + 0.52, v + 0.48, plain(colour('#6d6f6d')), 0.31);
}

/** A glazed pot with leaves. */
function pot(face: Face, u: number, v: number, w = 0.35): void {
  const { chance } = face;
  const glaze = colour(chance.pick(['#8a4b32', '#39586e', '#a8a094'] as const));
  surface(
    face.canvas,
    [face.at(u + 0.05, v, w), face.at(u + 0.27, v, w), face.at(u + 0.34, v + 0.32, w), face.at(u - 0.02, v + 0.32, w)],
    plain(glaze),
  );
  for (let leaf = 0; leaf < 14; leaf++) {
    const tip = face.at(u + 0.16 + chance.from(-0.34, 0.34), v + chance.from(0.4, 0.95), w);
    const green = scaled(colour(chance.pick(['#4e7d3a', '#6c9a45', '#3d6a3a'] as const)), chance.from(0.7, 1.2));
    strand(face.canvas, [face.at(u + 0.16, v + 0.3, w), tip], 0.07, plain(green));
  }
}
