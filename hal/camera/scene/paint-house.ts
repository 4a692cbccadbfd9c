// A house: its walls, then everything on and before its front, from behind to the front.
import { type Canvas, plain, surface } from './canvas.ts';
import { concrete, createFace, dark, type Face, plaster, window } from './house-front.ts';
import type { House } from './layout.ts';
import type { Point } from './lens.ts';
import { frontDoor, upperFloor } from './paint-floor.ts';
import { flatRoof, tiledRoof } from './paint-roof.ts';
import { awning, openShop, rollShutter, sign } from './paint-shop.ts';
import { footprint } from './shade.ts';
import { blended, scaled } from './tone.ts';

export function paintHouse(canvas: Canvas, house: House): void {
  const face = createFace(canvas, house);
  const height = house.storeyM.reduce((sum, storey) => sum + storey, 0);
  walls(face, height);
  if (house.roof === 'tiles') tiledRoof(face, height);
  else flatRoof(face, height);
  let floor = 0;
  for (const [index, storey] of house.storeyM.entries()) {
    if (index === 0) groundFloor(face, storey);
    else upperFloor(face, floor, storey);
    floor += storey;
  }
  if (house.sign !== undefined) sign(face, house.storeyM[0] ?? 3.4, house.sign);
}

function walls(face: Face, height: number): void {
  const { canvas, house } = face;
  const [x0, x1, y0, y1] = footprint(house);
  const side = plaster(blended(house.wall, concrete, 0.45), height, house.seed % 91);
  const sides: Point[][] =
    house.facing === 'south'
      ? [
          [
            [x0, y0, 0],
            [x0, y1, 0],
            [x0, y1, height],
            [x0, y0, height],
          ],
          [
            [x1, y0, 0],
            [x1, y1, 0],
            [x1, y1, height],
            [x1, y0, height],
          ],
        ]
      : [
          [
            [x0, y0, 0],
            [x1, y0, 0],
            [x1, y0, height],
            [x0, y0, height],
          ],
        ];
  for (const [index, wall] of sides.entries()) {
    // Only the side that looks towards the camera's x is seen.
    if (house.facing === 'south' && (index === 0 ? x0 < 0 : x1 > 0)) continue;
    surface(canvas, wall, side);
    sideWindows(face, wall, height);
  }
  const wide = house.widthM;
  face.rect(0, 0, wide, height, plaster(house.wall, height, house.seed % 53));
  face.rect(0, 0, wide, 0.35, plaster(scaled(concrete, 0.8), 9, 3), 0.02);
  // Pilasters at both edges and a band between storeys, each with its thin shadow.
  const edge = plaster(house.trim, height, 7);
  face.rect(0, 0, 0.16, height, edge, 0.04);
  face.rect(wide - 0.16, 0, wide, height, edge, 0.04);
  let floor = 0;
  for (const storey of house.storeyM) {
    floor += storey;
    face.rect(0, floor - 0.42, wide, floor - 0.18, plain(dark), 0.02, { cover: 0.22, thin: true });
    face.rect(-0.03, floor - 0.2, wide + 0.03, floor, edge, 0.1);
  }
}

function sideWindows(face: Face, wall: readonly Point[], height: number): void {
  const [a, b] = wall;
  if (a === undefined || b === undefined || face.house.facing !== 'south') return;
  for (let v = 1.1; v < height - 1.6; v += 3.1) {
    for (const part of [0.28, 0.66]) {
      const from: Point = [a[0], a[1] + (b[1] - a[1]) * part, v];
      const [x, y] = [from[0], from[1]];
      const corners: Point[] = [
        [x, y, v],
        [x, y + 0.9, v],
        [x, y + 0.9, v + 1.1],
        [x, y, v + 1.1],
      ];
      surface(face.canvas, corners, window(face.chance.chance(0.35)));
      const bars: Point[] = [
        [x, y - 0.06, v - 0.1],
        [x, y + 0.96, v - 0.1],
        [x, y + 0.96, v],
        [x, y - 0.06, v],
      ];
      surface(face.canvas, bars, plain(scaled(concrete, 1.15)));
    }
  }
}

function groundFloor(face: Face, storey: number): void {
  const { house } = face;
  const wide = house.widthM;
  const top = storey - 0.85;
  if (house.front === 'open-shop') openShop(face, 0.35, wide - 0.35, top);
  else if (house.front === 'shutter') rollShutter(face, 0.4, wide - 0.4, top);
  else frontDoor(face, top);
  if (house.awning !== undefined) awning(face, house.awning, top);
}
