// Is a list of corners a zone a person could have drawn?
export type Corner = readonly [x: number, y: number];

/** Smallest zone that is not a slip of the hand, as a part of the picture: about 4 x 4 pixels of the analysed picture. */
const areaMin = 0.001;

/** `flat` has next to no area, `crossed` has sides that cut each other. */
export function polygonFault(corners: readonly Corner[]): 'flat' | 'crossed' | undefined {
  // Fewer corners are no polygon at all: another rule says so.
  if (corners.length < 3) return undefined;
  const sides = corners.map((from, index) => [from, corners[(index + 1) % corners.length] ?? from] as const);
  const crossed = sides.some((one, i) => sides.some((other, j) => !touching(i, j, sides.length) && cut(one, other)));
  if (crossed) return 'crossed';
  return area(corners) < areaMin ? 'flat' : undefined;
}

function touching(i: number, j: number, count: number): boolean {
  const apart = Math.abs(i - j);
  return apart <= 1 || apart === count - 1;
}

function area(corners: readonly Corner[]): number {
  const twice = corners.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

type Side = readonly [Corner, Corner];

function cut([a, b]: Side, [c, d]: Side): boolean {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/** Positive where a → b → c turns one way, negative the other, 0 on one line. */
function turn([ax, ay]: Corner, [bx, by]: Corner, [cx, cy]: Corner): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}
