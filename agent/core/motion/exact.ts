// Arithmetic that gives the same bits on every machine. IEEE 754 promises that of + - * / and the square root alone; `Math.exp`, `Math.hypot` and `**` are
// left to the engine (ECMA-262, 21.3.2), and a difference in the last bit may decide a picture. A test keeps them out of the filter.

/** e^-times, for times of 0 and more; one part in 1e9 off at most. */
export function decay(times: number): number {
  if (times > 700) return 0;
  let halvings = 0;
  let z = times;
  while (z > 0.0625) {
    z /= 2;
    halvings++;
  }
  // Padé's approximant of order 3/3.
  const even = 1 + (z * z) / 10;
  const odd = z / 2 + (z * z * z) / 120;
  let result = (even - odd) / (even + odd);
  for (; halvings > 0; halvings--) result *= result;
  return result;
}

export const lengthOf = (x: number, y: number): number => Math.sqrt(x * x + y * y);
