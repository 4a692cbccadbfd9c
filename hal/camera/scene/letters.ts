// A stroke alphabet for shop signs: Vietnamese capitals as polylines on a grid 4 wide and 6 high, y up; marks above 6, dots below 0.

type Stroke = readonly number[];

const bases: Readonly<Record<string, readonly Stroke[]>> = {
  A: [
    [0, 0, 2, 6, 4, 0],
    [0.7, 2.1, 3.3, 2.1],
  ],
  B: [
    [0, 0, 0, 6, 2.6, 6, 3.6, 5.2, 3.6, 4, 2.6, 3.2, 0, 3.2],
    [2.6, 3.2, 4, 2.3, 4, 0.9, 2.8, 0, 0, 0],
  ],
  C: [[4, 1, 3, 0, 1.2, 0, 0, 1.4, 0, 4.6, 1.2, 6, 3, 6, 4, 5]],
  Đ: [
    [0.5, 0, 0.5, 6, 2.4, 6, 4, 4.6, 4, 1.4, 2.4, 0, 0.5, 0],
    [-0.4, 3, 1.9, 3],
  ],
  E: [
    [4, 0, 0, 0, 0, 6, 4, 6],
    [0, 3.1, 3.2, 3.1],
  ],
  H: [
    [0, 0, 0, 6],
    [4, 0, 4, 6],
    [0, 3, 4, 3],
  ],
  I: [[2, 0, 2, 6]],
  M: [[0, 0, 0, 6, 2, 2.4, 4, 6, 4, 0]],
  N: [[0, 0, 0, 6, 4, 0, 4, 6]],
  O: [[1.2, 0, 0, 1.4, 0, 4.6, 1.2, 6, 2.8, 6, 4, 4.6, 4, 1.4, 2.8, 0, 1.2, 0]],
  P: [[0, 0, 0, 6, 2.8, 6, 4, 5.1, 4, 3.7, 2.8, 2.8, 0, 2.8]],
  S: [[3.8, 5.2, 2.8, 6, 1.2, 6, 0, 5, 0.4, 3.6, 3.6, 2.5, 4, 1.2, 2.8, 0, 1.1, 0, 0, 0.9]],
  T: [
    [0, 6, 4, 6],
    [2, 6, 2, 0],
  ],
  U: [[0, 6, 0, 1.4, 1.2, 0, 2.8, 0, 4, 1.4, 4, 6]],
  X: [
    [0, 0, 4, 6],
    [0, 6, 4, 0],
  ],
};

/** Combining marks as Unicode decomposes them. */
const marks: Readonly<Record<string, readonly Stroke[]>> = {
  '\u0300': [[1, 8.4, 2.5, 7]],
  '\u0301': [[1.5, 7, 3, 8.4]],
  '\u0302': [[0.8, 6.9, 2, 8, 3.2, 6.9]],
  '\u0306': [[0.8, 8, 1.5, 7.1, 2.5, 7.1, 3.2, 8]],
  '\u0309': [[1.6, 8.6, 2.5, 8.6, 2.5, 7.7, 2, 7.1]],
  '\u031b': [[3.6, 5.4, 4.8, 5.9, 4.9, 6.8]],
  '\u0323': [[1.8, -1.2, 2.2, -1.2]],
};

/** Circumflex and breve. */
const hats: ReadonlySet<string> = new Set(['\u0302', '\u0306']);

/** From one letter to the next. */
const advance = 5.6;

/** The text's strokes as flat x, y lists in units of one letter's height (6 grid steps), and how wide it is. */
export function lettering(text: string): { readonly strokes: readonly Stroke[]; readonly width: number } {
  const strokes: Stroke[] = [];
  let left = 0;
  let crowned = false;
  for (const sign of text.normalize('NFD')) {
    const mark = marks[sign];
    const base = bases[sign];
    // A mark belongs to the letter before it, whose room has been left already; a second one above stands beside and over the first.
    const at = mark === undefined ? left : left - advance + (crowned ? 1 : 0);
    const rise = crowned ? 0.9 : 0;
    for (const stroke of mark ?? base ?? [])
      strokes.push(stroke.map((value, index) => (index % 2 === 0 ? value + at : value + rise) / 6));
    crowned = hats.has(sign);
    if (mark === undefined) left += base === undefined ? 3 : advance;
  }
  return { strokes, width: Math.max(0, left - (advance - 4)) / 6 };
}
