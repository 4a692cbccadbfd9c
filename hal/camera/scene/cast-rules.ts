// Who is asked to come by: the classes, how far away, how fast, how hard to see; and the same as one word of a command line.

export const subjectClasses = ['person', 'runner', 'stander', 'fight', 'bicycle', 'motorbike', 'car', 'truck'] as const;
export type SubjectClass = (typeof subjectClasses)[number];

/** What moves but is no subject to anyone on duty. */
export const animalClasses = ['cat', 'dog', 'bag'] as const;
export type AnimalClass = (typeof animalClasses)[number];

export type Distance = 'near' | 'middle' | 'far' | 'any';

export interface CastRules {
  /** Visits draw from these in turn: each once, in a new order each round. */
  readonly classes: readonly (SubjectClass | AnimalClass)[];
  /** `near` is this side of the road, `middle` the road's far side and its pavement, `far` the end of the lane (a person of 4 to 6 pixels at 160x90). Default `any`. */
  readonly distance?: Distance;
  /** `slow` is a third of the usual speed. */
  readonly pace?: 'usual' | 'slow';
  /** `similar`: clothes, coat and paint 10 to 15 grey levels from what lies behind them, by day. */
  readonly against?: 'usual' | 'similar';
  /** Seconds between one visit's end and the next one's beginning; as the traffic's by default. */
  readonly everyS?: readonly [least: number, most: number];
}

/** `traffic` is the demo's: people, motorbikes and trucks as they come. */
export type CastChoice = 'traffic' | 'none' | CastRules;

export const castUsage = `none, traffic or CLASSES[:near|:middle|:far][:slow][:similar][:every=LEAST-MOST]
  CLASSES with commas between: ${subjectClasses.join(', ')}, ${animalClasses.join(', ')}; mixed is all of the first ${subjectClasses.length}`;

export type ParsedCast =
  | { readonly ok: true; readonly cast: CastChoice }
  | { readonly ok: false; readonly fault: string };

export function parseCast(text: string): ParsedCast {
  if (text === 'none' || text === 'traffic') return { ok: true, cast: text };
  const [list = '', ...words] = text.split(':');
  const classes: (SubjectClass | AnimalClass)[] = [];
  for (const name of list.split(',')) {
    if (name === 'mixed') classes.push(...subjectClasses);
    else if (isClass(name)) classes.push(name);
    else return { ok: false, fault: `--cast knows ${castNames.join(', ')}, not ${name === '' ? 'nothing' : name}` };
  }
  let rules: CastRules = { classes };
  for (const word of words) {
    const read = ruleOf(word);
    if (read === undefined)
      return {
        ok: false,
        fault: `--cast knows near, middle, far, any, slow, similar, every=LEAST-MOST after its classes, not ${word}`,
      };
    rules = { ...rules, ...read };
  }
  return { ok: true, cast: rules };
}

const castNames = ['none', 'traffic', 'mixed', ...subjectClasses, ...animalClasses];
const classNames: ReadonlySet<string> = new Set([...subjectClasses, ...animalClasses]);

function isClass(name: string): name is SubjectClass | AnimalClass {
  return classNames.has(name);
}

function ruleOf(word: string): Partial<CastRules> | undefined {
  switch (word) {
    case 'near':
    case 'middle':
    case 'far':
    case 'any':
      return { distance: word };
    case 'slow':
      return { pace: 'slow' };
    case 'similar':
      return { against: 'similar' };
    default: {
      const every = /^every=(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(word);
      const least = Number(every?.[1]);
      const most = Number(every?.[2]);
      return least <= most ? { everyS: [least, most] } : undefined;
    }
  }
}
