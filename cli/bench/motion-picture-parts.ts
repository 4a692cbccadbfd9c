// Parts of the drawn result: each is SVG and the height it takes. Pure.

export interface Part {
  readonly svg: string;
  readonly height: number;
}

export const ink = { dark: '#1c2733', soft: '#64748b', line: '#e2e8f0', good: '#15803d', bad: '#b91c1c' } as const;
export const colours = { ours: '#0f766e', motion: '#ea7317', mog2: '#7c5cc4' } as const;
export const pictureWidth = 1080;
export const marginX = 48;

interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { size = 13, fill = ink.dark, weight = 400, anchor = 'start' } = style;
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${safe}</text>`;
}

export function box(x: number, y: number, w: number, h: number, fill: string, radius = 3): string {
  return `<rect x="${round(x)}" y="${y}" width="${round(Math.max(0, w))}" height="${h}" rx="${radius}" fill="${fill}"/>`;
}

export function rule(y: number): string {
  return `<line x1="${marginX}" x2="${pictureWidth - marginX}" y1="${y}" y2="${y}" stroke="${ink.line}"/>`;
}

export function heading(words: string, about: string): Part {
  const svg = text(marginX, 26, words, { size: 18, weight: 600 }) + text(marginX, 48, about, { fill: ink.soft });
  return { svg, height: 66 };
}

/** One figure with its name and what it should be. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly wanted: string;
  readonly isMet: boolean;
}

export function tiles(all: readonly Tile[]): Part {
  const gap = 14;
  const wide = (pictureWidth - 2 * marginX - gap * (all.length - 1)) / all.length;
  const one = ({ name, value, wanted, isMet }: Tile, at: number) => {
    const x = marginX + at * (wide + gap);
    const colour = isMet ? ink.good : ink.bad;
    return [
      box(x, 0, wide, 92, '#f8fafc', 8),
      box(x, 0, 5, 92, colour, 2),
      text(x + 16, 25, name, { fill: ink.soft, size: 11 }),
      text(x + 16, 58, value, { size: 26, weight: 600 }),
      text(x + 16, 80, `${isMet ? '✓' : '✗'} ${wanted}`, { size: 12, fill: colour }),
    ].join('');
  };
  return { svg: all.map(one).join(''), height: 118 };
}

export interface Bar {
  readonly colour: string;
  /** 0 to 1. */
  readonly part: number;
  readonly words: string;
}

/** A name, and for each column its bars one under another. */
export interface BarRow {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly (readonly Bar[])[];
}

const nameWide = 220;
const wordsWide = 64;
const barHigh = 11;
const barStep = 15;

export function barChart(columns: readonly string[], rows: readonly BarRow[]): Part {
  const wide = (pictureWidth - 2 * marginX - nameWide) / columns.length;
  const x = (column: number) => marginX + nameWide + column * wide;
  const heads = columns.map((name, at) => text(x(at), 14, name, { size: 12, fill: ink.soft }));
  let y = 26;
  const drawn = rows.map(({ name, about, columns: cells }) => {
    const most = Math.max(1, ...cells.map((bars) => bars.length));
    const high = most * barStep + 12;
    const top = y + 6;
    const bars = cells.flatMap((bars, column) =>
      bars.map(({ colour, part, words }, at) => {
        const full = wide - wordsWide - 24;
        const barY = top + at * barStep;
        return [
          box(x(column), barY, full, barHigh, '#f1f5f9'),
          box(x(column), barY, part === 0 ? 0 : Math.max(3, full * Math.min(1, part)), barHigh, colour),
          text(x(column) + full + 8, barY + 10, words, { size: 11, fill: colour, weight: 600 }),
        ].join('');
      }),
    );
    const svg = [
      rule(y),
      text(marginX, top + 11, name, { weight: 600 }),
      most > 1
        ? text(marginX, top + 27, about, { size: 11, fill: ink.soft })
        : text(marginX + nameWide - 28, top + 11, about, { size: 11, fill: ink.soft, anchor: 'end' }),
      ...bars,
    ];
    y += high;
    return svg.join('');
  });
  return { svg: [...heads, ...drawn, rule(y)].join(''), height: y + 26 };
}

export function legend(entries: readonly (readonly [colour: string, words: string])[]): Part {
  let x = marginX;
  const svg = entries.map(([colour, words]) => {
    const drawn = box(x, 2, 22, barHigh, colour) + text(x + 30, 12, words, { size: 12 });
    x += 54 + words.length * 7;
    return drawn;
  });
  return { svg: svg.join(''), height: 30 };
}

export interface Cell {
  readonly caught: number;
  readonly of: number;
}

/** Rows by columns of shares, green where all were caught. An undefined cell was not measured. */
export function grid(
  columns: readonly string[],
  rows: readonly { readonly name: string; readonly cells: readonly (Cell | undefined)[] }[],
): Part {
  const first = 150;
  const wide = (pictureWidth - 2 * marginX - first) / columns.length;
  const heads = columns.map((name, at) =>
    text(marginX + first + (at + 0.5) * wide, 14, name, { size: 12, fill: ink.soft, anchor: 'middle' }),
  );
  const drawn = rows.map(({ name, cells }, at) => {
    const y = 24 + at * 30;
    const boxes = cells.map((cell, column) => {
      const x = marginX + first + column * wide;
      if (cell === undefined || cell.of === 0)
        return text(x + wide / 2, y + 18, '·', { fill: '#cbd5e1', anchor: 'middle' });
      const words = text(x + wide / 2, y + 18, `${cell.caught} of ${cell.of}`, { size: 12, anchor: 'middle' });
      return box(x + 2, y + 1, wide - 4, 26, heat(cell.caught / cell.of), 4) + words;
    });
    return text(marginX, y + 18, name, { weight: 600 }) + boxes.join('');
  });
  return { svg: [...heads, ...drawn].join(''), height: 24 + rows.length * 30 + 24 };
}

const heat = (share: number): string =>
  share >= 0.999 ? '#a7e3c0' : share >= 0.9 ? '#d3efbf' : share >= 0.5 ? '#fbe7a8' : share > 0 ? '#fbcfa4' : '#f6b5ae';

export function stack(parts: readonly Part[]): Part {
  let y = 0;
  const svg = parts.map((part) => {
    const moved = `<g transform="translate(0 ${y})">${part.svg}</g>\n`;
    y += part.height;
    return moved;
  });
  return { svg: svg.join(''), height: y };
}

const round = (value: number): number => Math.round(value * 10) / 10;
