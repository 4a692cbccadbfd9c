// What `bench motion` draws: tables of classes, and the jobs they become. A job is one scene, seen picture by picture by one filter.
import {
  type AnimalClass,
  animalClasses,
  type CastChoice,
  type SubjectClass,
  subjectClasses,
} from '../../hal/camera/scene/cast-rules.ts';
import { type Nuisance, type NuisanceClass, nuisanceClasses } from '../../hal/camera/scene/nuisance.ts';

export type Time = 'day' | 'night';
/** What a row of the result is about: nothing may be told · someone passes meanwhile · one kind of subject · an animal · hours of everything. */
export type Group = 'nuisance' | 'traffic' | 'subject' | 'animal' | 'mixed' | 'sensitivity';

/** One stretch of a job. The chapters of a job show one place; its time, its traffic and the filter go on from one to the next. */
export interface Chapter {
  readonly seed: number;
  readonly time: Time;
  readonly nuisances: readonly Nuisance[];
  readonly cast: CastChoice;
  readonly seconds: number;
}
export interface Job {
  readonly id: number;
  readonly group: Group;
  /** Row of the table: `insects`, `person`, `mixed day`, `clear`. */
  readonly class: string;
  readonly time: Time | 'both';
  readonly chapters: readonly Chapter[];
  readonly sensitivity: number | undefined;
}

interface NuisanceRow {
  readonly times: readonly Time[];
  /** Taken in turn. */
  readonly strengths: readonly number[];
}

const nuisanceTable: Readonly<Record<NuisanceClass, NuisanceRow>> = {
  sway: { times: ['day', 'night'], strengths: [0.3, 0.6, 1] },
  rain: { times: ['day', 'night'], strengths: [0.4, 0.8] },
  insects: { times: ['night'], strengths: [0.4, 0.8] },
  headlights: { times: ['night'], strengths: [0.5, 1] },
  clouds: { times: ['day'], strengths: [0.5, 1] },
  lightning: { times: ['night'], strengths: [0.5, 1] },
  'ir-cut': { times: ['day', 'night'], strengths: [1] },
  shake: { times: ['day', 'night'], strengths: [0.5, 1] },
  compression: { times: ['day', 'night'], strengths: [0.5, 1] },
  gain: { times: ['night'], strengths: [0.5, 1] },
  water: { times: ['day', 'night'], strengths: [0.5, 1] },
  flicker: { times: ['night'], strengths: [0.5, 1] },
};

/** In these the whole picture becomes brighter or darker at once. */
export const lightClasses: ReadonlySet<string> = new Set(['clouds', 'lightning', 'ir-cut']);

/** How a subject may come; `far` is a person of 4 to 6 pixels. */
const manners = {
  near: { distance: 'near' },
  far: { distance: 'far' },
  slow: { pace: 'slow' },
  similar: { against: 'similar' },
} as const;
type Manner = keyof typeof manners;
const secondsOf: Readonly<Record<Manner, number>> = { near: 60, far: 60, slow: 120, similar: 60 };

/** By night the coat does not matter: `similar` is a thing of the day. */
const mannersBy: Readonly<Record<Time, readonly Manner[]>> = {
  day: ['near', 'far', 'slow', 'similar'],
  night: ['near', 'far', 'slow'],
};

export interface PlanWish {
  /** Hours for every nuisance class and the mixed day; undefined: minutes of each, for a run of two minutes. */
  readonly hours: number | undefined;
  /** Rows with these classes only; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/** Without `hours`: minutes of each nuisance, in pieces, by day and by night where it can happen. */
const minutesShort = 6;
const mixedMinutesShort = 12;
/** A longer stretch is divided, so that both processors have work to the end. */
const pieceSecondsMax = 1800;
/** From this many hours on, passers-by, subjects and the films for peers come so much longer too. */
const longFromHours = 1;
const longer = (hours: number | undefined): number => (hours !== undefined && hours >= longFromHours ? 5 : 1);

export function planJobs({ hours, only }: PlanWish): Job[] {
  const wanted = (name: string) => only === undefined || only.includes(name);
  const rows = [
    ...(wanted('mixed') ? mixed(hours) : []),
    ...nuisanceClasses.filter(wanted).flatMap((name) => [...quiet(name, hours), ...busy(name, hours)]),
    ...(wanted('clear') ? clear(hours) : []),
    ...subjectClasses.filter(wanted).flatMap((name) => subject(name, hours)),
    ...animalClasses.filter(wanted).flatMap((name) => animal(name, hours)),
    ...(wanted('sensitivity') ? sensitivities(hours) : []),
  ];
  return rows.map((row, id) => ({ ...row, id }));
}

/** Every word that `--only` knows. */
export const onlyWords: readonly string[] = [
  ...nuisanceClasses,
  ...subjectClasses,
  ...animalClasses,
  'clear',
  'mixed',
  'sensitivity',
];

type Row = Omit<Job, 'id'>;

function quiet(name: NuisanceClass, hours: number | undefined): Row[] {
  const { times, strengths } = nuisanceTable[name];
  return pieces(hours === undefined ? minutesShort * 60 : hours * 3600, times.length).map((seconds, at) => {
    const time = times[at % times.length] ?? 'day';
    const strength = strengths[Math.floor(at / times.length) % strengths.length] ?? 1;
    const chapter = {
      seed: seedOf(name, at),
      time,
      nuisances: [{ class: name, strength }],
      cast: 'none',
      seconds,
    } as const;
    return { group: 'nuisance', class: name, time, chapters: [chapter], sensitivity: undefined };
  });
}

function busy(name: NuisanceClass, hours: number | undefined): Row[] {
  const { times, strengths } = nuisanceTable[name];
  return times.map((time, at) => {
    const nuisances = [{ class: name, strength: strengths[at % strengths.length] ?? 1 }];
    const seconds = (longer(hours) * 240) / times.length;
    const chapter = { seed: seedOf(name, at + 500), time, nuisances, cast: 'traffic', seconds } as const;
    return { group: 'traffic', class: name, time, chapters: [chapter], sensitivity: undefined };
  });
}

function clear(hours: number | undefined): Row[] {
  return (['day', 'night'] as const).map((time, at) => {
    const seconds = longer(hours) * 240;
    const chapter = { seed: seedOf('clear', at), time, nuisances: [], cast: 'traffic', seconds } as const;
    return { group: 'traffic', class: 'clear', time, chapters: [chapter], sensitivity: undefined };
  });
}

function subject(name: SubjectClass, hours: number | undefined): Row[] {
  return (['day', 'night'] as const).flatMap((time) =>
    mannersBy[time].map((manner, at): Row => {
      const cast = { classes: [name], ...manners[manner], everyS: [4, 7] } as const;
      const seconds = secondsOf[manner] * longer(hours);
      // The night of a camera without a lamp is a noisy one.
      const nuisances: Nuisance[] = time === 'night' ? [{ class: 'gain', strength: 0.5 }] : [];
      const chapter = { seed: seedOf(`${name} ${time}`, at), time, nuisances, cast, seconds };
      return { group: 'subject', class: `${name} ${manner}`, time, chapters: [chapter], sensitivity: undefined };
    }),
  );
}

function animal(name: AnimalClass, hours: number | undefined): Row[] {
  return pieces(hours === undefined ? minutesShort * 60 : hours * 3600, 2).map((seconds, at) => {
    const time = at % 2 === 0 ? 'day' : 'night';
    const chapter = { seed: seedOf(name, at), time, nuisances: [], cast: { classes: [name] }, seconds } as const;
    return { group: 'animal', class: name, time, chapters: [chapter], sensitivity: undefined };
  });
}

/** What a day brings, each with the share of the hours it has. Traffic comes by all the time. */
const dayOf: readonly { readonly time: Time; readonly nuisances: readonly Nuisance[] }[] = [
  {
    time: 'day',
    nuisances: [
      { class: 'sway', strength: 0.3 },
      { class: 'clouds', strength: 0.4 },
    ],
  },
  {
    time: 'day',
    nuisances: [
      { class: 'sway', strength: 0.6 },
      { class: 'shake', strength: 0.3 },
    ],
  },
  {
    time: 'day',
    nuisances: [
      { class: 'rain', strength: 0.6 },
      { class: 'compression', strength: 0.4 },
    ],
  },
  {
    time: 'day',
    nuisances: [
      { class: 'clouds', strength: 0.8 },
      { class: 'water', strength: 0.5 },
    ],
  },
  {
    time: 'day',
    nuisances: [
      { class: 'compression', strength: 0.4 },
      { class: 'sway', strength: 0.3 },
    ],
  },
  {
    time: 'night',
    nuisances: [
      { class: 'gain', strength: 0.4 },
      { class: 'headlights', strength: 0.5 },
    ],
  },
  {
    time: 'night',
    nuisances: [
      { class: 'gain', strength: 0.6 },
      { class: 'insects', strength: 0.4 },
    ],
  },
  {
    time: 'night',
    nuisances: [
      { class: 'rain', strength: 0.6 },
      { class: 'lightning', strength: 0.5 },
    ],
  },
  {
    time: 'night',
    nuisances: [
      { class: 'gain', strength: 0.6 },
      { class: 'flicker', strength: 0.4 },
    ],
  },
  {
    time: 'night',
    nuisances: [
      { class: 'ir-cut', strength: 1 },
      { class: 'insects', strength: 0.3 },
    ],
  },
];

/** One filter sees all chapters of a day one after another; there are at least two days, one for each processor, and none is longer than seven hours. */
function mixed(hours: number | undefined): Row[] {
  const total = hours === undefined ? mixedMinutesShort * 60 : hours * 3600;
  const days = Math.max(2, Math.ceil(total / (7 * 3600)));
  return Array.from({ length: days }, (_, day): Row => {
    const chapters = dayOf.map(({ time, nuisances }) => {
      return {
        seed: seedOf('mixed', day),
        time,
        nuisances,
        cast: 'traffic',
        seconds: Math.round(total / days / dayOf.length),
      } as const;
    });
    return { group: 'mixed', class: 'mixed day', time: 'both', chapters, sensitivity: undefined };
  });
}

/** The same hard scenes at each setting. */
function sensitivities(hours: number | undefined): Row[] {
  const seconds = 60 * longer(hours);
  const scene = (time: Time, cast: CastChoice, nuisances: readonly Nuisance[], at: number): Chapter => {
    return { seed: seedOf('sensitivity', at), time, nuisances, cast, seconds };
  };
  const often = { everyS: [3, 5] } as const;
  const chapters = [
    scene('day', { classes: ['person', 'bicycle'], against: 'similar', ...often }, [], 1),
    scene('day', { classes: ['person', 'motorbike'], distance: 'far', ...often }, [], 2),
    scene('night', { classes: ['person', 'bicycle'], ...often }, [{ class: 'gain', strength: 1 }], 3),
  ];
  return Array.from({ length: 10 }, (_, at): Row[] =>
    chapters.map((chapter) => {
      return { group: 'sensitivity', class: `${at + 1}`, time: chapter.time, chapters: [chapter], sensitivity: at + 1 };
    }),
  ).flat();
}

/** Whole pieces of a stretch: at least `count`, none longer than half an hour. */
function pieces(seconds: number, count: number): number[] {
  const many = Math.ceil(seconds / count / pieceSecondsMax) * count;
  return Array.from({ length: many }, () => Math.round(seconds / many));
}

/** The same class always has the same seeds, whatever else is run. */
function seedOf(name: string, at: number): number {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 100_003;
  return hash * 1000 + at;
}

/** Films of these are made for detectors that read films: people pass, and something disturbs. */
const peerClassesShort: readonly NuisanceClass[] = ['sway', 'rain', 'insects', 'headlights', 'clouds', 'shake'];
const peerFilmSeconds = 60;

export function peerChapters(hours: number | undefined): { readonly name: string; readonly chapter: Chapter }[] {
  const seconds = peerFilmSeconds * longer(hours);
  const chapterOf = (name: string, time: Time, nuisances: readonly Nuisance[]) => {
    return { name, chapter: { seed: seedOf(name, 900), time, nuisances, cast: 'traffic', seconds } as const };
  };
  const classes = hours === undefined ? peerClassesShort : nuisanceClasses;
  return [
    chapterOf('clear day', 'day', []),
    chapterOf('clear night', 'night', []),
    ...classes.map((name) => {
      const { times, strengths } = nuisanceTable[name];
      return chapterOf(name, times[0] ?? 'day', [{ class: name, strength: strengths.at(-1) ?? 1 }]);
    }),
  ];
}
