// What a line across the picture tells of the camera above it. EN 62676-4: pixels a metre of the scene needs.

/** Detect that somebody is there, observe what he does, recognise one who is known, identify one who is not (EN 62676-4, 6.7). */
export const tasks = [
  { task: 'detect', perMetre: 25 },
  { task: 'observe', perMetre: 62.5 },
  { task: 'recognise', perMetre: 125 },
  { task: 'identify', perMetre: 250 },
];

/** `from`, `to` in parts of the picture. */
export const lineLength = ([x, y], [toX, toY], { width, height }) => Math.hypot((toX - x) * width, (toY - y) * height);

/** Degrees from level, or from plumb where the line stands more than it lies; positive is clockwise. -45 to 45. */
export function tilt([x, y], [toX, toY], { width, height }) {
  const [dx, dy] = [(toX - x) * width, (toY - y) * height];
  const degrees = (Math.atan2(dy, dx) * 180) / Math.PI;
  const off = ((degrees % 90) + 90) % 90;
  return off > 45 ? off - 90 : off;
}

/** How far each task reaches, metres: a metre's pixels fall as the distance grows. Undefined while something is not told. */
export function reach(pixels, metres, distance) {
  if (!(pixels > 0 && metres > 0 && distance > 0)) return undefined;
  const perMetre = pixels / metres;
  return { perMetre, tasks: tasks.map((each) => ({ ...each, metres: (distance * perMetre) / each.perMetre })) };
}

/** Sharpness of a grey picture: the variance of its Laplacian. It grows with the light too, so it is compared with itself only. */
export function sharpness(grey, width, height) {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const edge = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
      sum += edge;
      squares += edge * edge;
      count += 1;
    }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
