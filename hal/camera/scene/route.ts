// Ways through the village: lines with rounded corners, asked by the metre.
export interface Route {
  readonly lengthM: number;
  /** Place and heading after so many metres; goes straight on beyond either end. `turning` is how fast the heading changes, radians a metre. */
  at(metres: number): { readonly x: number; readonly y: number; readonly headingRad: number; readonly turning: number };
}

type Spot = readonly [x: number, y: number];

/** Straight pieces between the spots, each inner corner rounded from `roundM` before it to as much after it. */
export function createRoute(spots: readonly Spot[], roundM: number): Route {
  const path = rounded(spots, roundM);
  const lengths = [0];
  for (let index = 1; index < path.length; index++) {
    const [a, b] = [path[index - 1] ?? [0, 0], path[index] ?? [0, 0]];
    lengths.push((lengths[index - 1] ?? 0) + Math.hypot(b[0] - a[0], b[1] - a[1]));
  }
  const lengthM = lengths.at(-1) ?? 0;
  const pieceAt = (metres: number) => {
    let piece = 1;
    while (piece < path.length - 1 && (lengths[piece] ?? 0) < metres) piece++;
    return piece;
  };
  const heading = (metres: number) => {
    const piece = pieceAt(metres);
    const [a, b] = [path[piece - 1] ?? [0, 0], path[piece] ?? [0, 0]];
    return Math.atan2(b[1] - a[1], b[0] - a[0]);
  };
  return {
    lengthM,
    at: (metres) => {
      const piece = pieceAt(metres);
      const [a, b] = [path[piece - 1] ?? [0, 0], path[piece] ?? [0, 0]];
      const from = lengths[piece - 1] ?? 0;
      const part = (metres - from) / ((lengths[piece] ?? 1) - from);
      // Headings of the pieces half a metre before and behind, so that nothing turns by jerks.
      const before = heading(Math.max(0, metres - 0.5));
      const behind = heading(Math.min(lengthM, metres + 0.5));
      const turn = wrapped(behind - before);
      return {
        x: a[0] + (b[0] - a[0]) * part,
        y: a[1] + (b[1] - a[1]) * part,
        headingRad: before + turn / 2,
        turning: turn,
      };
    },
  };
}

/** The same direction between -π and π. */
export function wrapped(radians: number): number {
  return Math.atan2(Math.sin(radians), Math.cos(radians));
}

function rounded(spots: readonly Spot[], roundM: number): Spot[] {
  const path: Spot[] = [];
  const steps = 14;
  for (const [index, spot] of spots.entries()) {
    const before = spots[index - 1];
    const after = spots[index + 1];
    if (before === undefined || after === undefined) {
      path.push(spot);
      continue;
    }
    const entry = towards(spot, before, roundM);
    const exit = towards(spot, after, roundM);
    for (let step = 0; step <= steps; step++) {
      const part = step / steps;
      const blend = (axis: 0 | 1) =>
        (1 - part) ** 2 * entry[axis] + 2 * part * (1 - part) * spot[axis] + part ** 2 * exit[axis];
      path.push([blend(0), blend(1)]);
    }
  }
  return path;
}

function towards(from: Spot, to: Spot, metres: number): Spot {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const part = Math.min(0.5, metres / length);
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}
