// What ends a house above: a slope of tiles, or a parapet with the water tank behind it.
import { type Material, plain, strand, surface } from './canvas.ts';
import { dark, type Face, plaster } from './house-front.ts';
import { cloudy, noise } from './random.ts';
import { colour, scaled } from './tone.ts';

const terracotta = colour('#b4623f');

export function tiledRoof(face: Face, height: number): void {
  const { canvas, house } = face;
  const wide = house.widthM;
  const out = 0.55;
  const deep = house.depthM / 2;
  const ridge = height + 0.42 * (deep + out);
  const slope = [
    face.at(-0.15, height - 0.12, out),
    face.at(wide + 0.15, height - 0.12, out),
    face.at(wide + 0.15, ridge, -deep),
    face.at(-0.15, ridge, -deep),
  ];
  // Gable walls under the slope, so that no sky shows beside a neighbour's lower roof.
  for (const u of [0, wide])
    surface(
      canvas,
      [face.at(u, height, 0), face.at(u, height, -house.depthM), face.at(u, ridge - 0.1, -deep)],
      plaster(house.wall, height, 5),
    );
  face.rect(0, height - 0.75, wide, height, plain(dark), 0.03, { cover: 0.3, thin: true });
  surface(canvas, slope, tiles(face));
  surface(
    canvas,
    [
      face.at(-0.15, height - 0.24, out),
      face.at(wide + 0.15, height - 0.24, out),
      face.at(wide + 0.15, height - 0.1, out),
      face.at(-0.15, height - 0.1, out),
    ],
    plain(scaled(terracotta, 0.55)),
  );
  strand(
    canvas,
    [face.at(-0.2, ridge, -deep), face.at(wide + 0.2, ridge, -deep)],
    0.22,
    plain(scaled(terracotta, 0.8)),
  );
}

/** Rows of half-round tiles: light and dark along the slope and across it, fading with distance. */
function tiles(face: Face): Material {
  return (x, y, z, pixel, out) => {
    const u = face.along(x, y);
    const shown = Math.max(0, 1 - pixel * 9);
    const course = z * 5.2;
    const rib = u * 4.6;
    const own = noise(Math.floor(rib) * 3.3, Math.floor(course) * 7.1);
    const round = Math.abs((rib - Math.floor(rib)) * 2 - 1);
    const lip = course - Math.floor(course);
    const moss = Math.max(0, cloudy(u * 0.7 + 40, z * 2, 3) - 0.5) * 1.3;
    const tone = 0.8 + shown * (0.32 * own - 0.3 * round * round - 0.25 * Math.max(0, 0.3 - lip)) + 0.14 * (1 - shown);
    out[0] = (terracotta[0] * (1 - moss) + 0.1 * moss) * tone;
    out[1] = (terracotta[1] * (1 - moss) + 0.11 * moss) * tone;
    out[2] = (terracotta[2] * (1 - moss) + 0.07 * moss) * tone;
  };
}

export function flatRoof(face: Face, height: number): void {
  const { house } = face;
  const wide = house.widthM;
  const wall = plaster(house.wall, height, 21);
  face.rect(0, height, wide, height + 0.75, wall, 0.02);
  for (let u = 0.3; u < wide - 0.35; u += 0.55)
    face.rect(u, height + 0.16, u + 0.3, height + 0.56, plain(scaled(house.wall, 0.35)), 0.03);
  face.rect(-0.05, height + 0.72, wide + 0.05, height + 0.86, plaster(house.trim, height, 4), 0.12);
  if (house.tank) tank(face, height + 0.4);
}

/** The steel water tank every town roof carries. */
function tank(face: Face, foot: number): void {
  const from = face.house.widthM * 0.6;
  const steel: Material = (x, y, _z, _pixel, out) => {
    const part = (face.along(x, y) - from) / 1.15;
    const shine =
      0.28 + 0.75 * Math.exp(-(((part - 0.33) / 0.13) ** 2)) + 0.25 * Math.exp(-(((part - 0.8) / 0.1) ** 2));
    out[0] = shine * 0.72;
    out[1] = shine * 0.75;
    out[2] = shine * 0.78;
  };
  for (const u of [0.15, 0.9]) face.rect(from + u, foot, from + u + 0.08, foot + 0.55, plain(dark), -1.5);
  face.rect(from, foot + 0.5, from + 1.15, foot + 1.4, steel, -1.5);
  surface(
    face.canvas,
    [face.at(from, foot + 1.4, -1.5), face.at(from + 1.15, foot + 1.4, -1.5), face.at(from + 0.575, foot + 1.58, -1.5)],
    steel,
  );
}
