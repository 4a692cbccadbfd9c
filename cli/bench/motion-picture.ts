// The result of the motion bench as one picture that a person can read. Pure.
import { isMet, type Target } from './figures.ts';
import {
  type BarRow,
  barChart,
  type Cell,
  colours,
  grid,
  heading,
  ink,
  legend,
  marginX,
  type Part,
  pictureWidth,
  stack,
  type Tile,
  text,
  tiles,
} from './motion-picture-parts.ts';
import type { Row } from './motion-rows.ts';
import type { Detector } from './motion-sets.ts';
import type { SetTally } from './motion-verdict.ts';

export interface Drawn {
  readonly rows: readonly Row[];
  readonly sets: readonly SetTally[];
  readonly figures: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, Target>>;
  readonly machine: string;
}

export function drawPicture(result: Drawn): string {
  const { rows, sets, machine } = result;
  const head: Part = {
    svg: [
      text(marginX, 44, 'Mắt Làng · motion filter', { size: 26, weight: 700 }),
      text(
        marginX,
        68,
        `matlang bench motion · 160×90 at 5 pictures a second, one set of settings, day and night · ${machine}`,
        { fill: ink.soft },
      ),
    ].join(''),
    height: 92,
  };
  const parts = [head, tiles(tilesOf(result)), ...beside(sets), ...disturbances(rows), ...subjects(rows)];
  const { svg, height } = stack(parts);
  const high = Math.ceil(height + 16);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pictureWidth} ${high}" width="${pictureWidth}" height="${high}" font-family="system-ui, 'DejaVu Sans', sans-serif">
<title>matlang bench motion: what was caught and what was told wrongly, by class</title>
<rect width="100%" height="100%" fill="#fff"/>
${svg}</svg>
`;
}

function tilesOf({ figures, targets }: Drawn): Tile[] {
  const percent = (value: number) => `${Number((value * 100).toFixed(1))} %`;
  const hours = (key: string) => `over ${Number((figures[key] ?? 0).toFixed(1))} h`;
  const all: readonly (readonly [key: string, name: string, shown: (value: number) => string])[] = [
    ['recall', 'caught by day', percent],
    ['recallNight', 'caught in a noisy night', percent],
    ['falsePerHour', `false an hour, ${hours('hours')}`, (value) => `${Number(value.toFixed(1))}`],
    ['mixedFalsePerDay', `false a mixed day, ${hours('mixedHours')}`, (value) => `${Math.round(value)}`],
    ['nsPerPixel', 'filter alone', (value) => `${Number(value.toFixed(1))} ns/px`],
  ];
  return all.flatMap(([key, name, shown]) => {
    const [value, target] = [figures[key], targets[key]];
    if (value === undefined || target === undefined) return [];
    const wanted = target.max === undefined ? `≥ ${shown(target.min ?? 0)}` : `≤ ${shown(target.max)}`;
    return [{ name, value: shown(value), wanted, isMet: isMet(value, target) }];
  });
}

const names: Readonly<Record<Detector, string>> = {
  ours: 'Mắt Làng',
  motion: 'motion 4.5',
  mog2: 'MOG2, travel-gated',
};

function beside(sets: readonly SetTally[]): Part[] {
  const present = (Object.keys(names) as Detector[]).filter((one) => sets.some(({ by }) => by[one] !== undefined));
  if (present.length < 2) return [];
  const falseMost = Math.max(1, ...sets.flatMap(({ by }) => present.map((one) => by[one]?.falseEvents ?? 0)));
  const rows = sets.map((set): BarRow => {
    const tallies = present.flatMap((one) => {
      const tally = set.by[one];
      return tally === undefined ? [] : [{ colour: colours[one], tally }];
    });
    const caught = tallies.map(({ colour, tally }) => {
      const part = tally.of === 0 ? 0 : tally.caught / tally.of;
      return { colour, part, words: tally.of === 0 ? 'no visit' : `${tally.caught} of ${tally.of}` };
    });
    const told = tallies.map(({ colour, tally }) => {
      return { colour, part: tally.falseEvents / falseMost, words: `${tally.falseEvents}` };
    });
    return {
      name: shortened(set.name),
      about: `${set.kind === 'film' ? 'film' : 'drawn'}, ${Math.round(set.hours * 3600)} s`,
      columns: [caught, told],
    };
  });
  return [
    heading(
      'The same films, side by side',
      'Who was caught, and what was told though nobody was there. motion says no places, so every event near a visit counts for it.',
    ),
    legend(present.map((one) => [colours[one], names[one]])),
    barChart(['caught', 'false events'], rows),
  ];
}

function disturbances(rows: readonly Row[]): Part[] {
  const alone = rows.filter(({ group }) => group === 'nuisance' || group === 'animal');
  if (alone.length === 0) return [];
  const passing = new Map(rows.filter(({ group }) => group === 'traffic').map((row) => [row.class, row]));
  const falseOf = ({ score }: Row) => score.falseEvents + score.animalEvents;
  const perHour = (row: Row) => falseOf(row) / row.hours;
  const most = Math.max(1, ...alone.map(perHour));
  const drawn = alone.map((row): BarRow => {
    const { caught, of } = passing.get(row.class)?.score.large ?? { caught: 0, of: 0 };
    const bad = falseOf(row) > 0;
    // A root: the small numbers are the ones that matter.
    const told = {
      colour: bad ? ink.bad : ink.good,
      part: Math.sqrt(perHour(row) / most),
      words: bad ? `${falseOf(row)}` : 'none',
    };
    const met = of === 0 ? [] : [{ colour: colours.ours, part: caught / of, words: `${caught} of ${of}` }];
    return { name: row.class, about: `${hoursAndMinutes(row.hours)} of it`, columns: [met, [told]] };
  });
  return [
    heading(
      'Disturbances',
      'Left: who passes meanwhile and is caught. Right: events while nobody is there (bars by the root of their number an hour).',
    ),
    barChart(['passers-by caught', 'false events'], drawn),
  ];
}

function subjects(rows: readonly Row[]): Part[] {
  const mine = rows.filter(({ group }) => group === 'subject');
  if (mine.length === 0) return [];
  const manners = [...new Set(mine.map(({ class: name }) => name.split(' ')[1] ?? ''))];
  const kinds = [...new Set(mine.map(({ class: name }) => name.split(' ')[0] ?? ''))];
  const cell = (kind: string, manner: string, time: 'day' | 'night'): Cell | undefined => {
    const row = mine.find(({ class: name }) => name === `${kind} ${manner}`);
    return row && add(row[time].large, row[time].small);
  };
  const columns = (['day', 'night'] as const)
    .flatMap((time) => manners.map((manner) => ({ time, manner })))
    .filter(({ time, manner }) => kinds.some((kind) => (cell(kind, manner, time)?.of ?? 0) > 0));
  return [
    heading(
      'Subjects',
      'Visits caught of all, the small ones (under 1.5 % of the height squared) too; far is a person of 4 to 6 pixels, of whom little is promised.',
    ),
    grid(
      columns.map(({ time, manner }) => `${manner}, ${time}`),
      kinds.map((name) => ({ name, cells: columns.map(({ time, manner }) => cell(name, manner, time)) })),
    ),
  ];
}

const add = (a: Cell, b: Cell): Cell => ({ caught: a.caught + b.caught, of: a.of + b.of });
const hoursAndMinutes = (hours: number): string =>
  hours >= 1 ? `${Number(hours.toFixed(1))} h` : `${Math.round(hours * 60)} min`;

/** What there is room for before the bars. */
const nameLettersMax = 25;
const shortened = (name: string): string =>
  name.length <= nameLettersMax ? name : `${name.slice(0, nameLettersMax - 1)}…`;
