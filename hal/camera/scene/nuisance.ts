// What disturbs the picture without anybody being there: the classes, how strong each is, and how the command line says it.

export const nuisanceClasses = [
  'sway',
  'rain',
  'insects',
  'headlights',
  'clouds',
  'lightning',
  'ir-cut',
  'shake',
  'compression',
  'gain',
  'water',
  'flicker',
] as const;
export type NuisanceClass = (typeof nuisanceClasses)[number];

export interface Nuisance {
  readonly class: NuisanceClass;
  /** 0 to 1; at 0 it is as if it were not given. */
  readonly strength: number;
}

/** The strength of each class that is there at all. */
export type Strengths = Readonly<Partial<Record<NuisanceClass, number>>>;

/** Given twice, the stronger counts. @throws when a strength is not 0 to 1. */
export function strengthsOf(nuisances: readonly Nuisance[]): Strengths {
  const strengths: Partial<Record<NuisanceClass, number>> = {};
  for (const { class: name, strength } of nuisances) {
    if (!(strength >= 0 && strength <= 1)) throw new Error(`strength of ${name} must be 0 to 1, not ${strength}`);
    if (strength > (strengths[name] ?? 0)) strengths[name] = strength;
  }
  return strengths;
}

const usualStrength = 0.5;

/** `rain` or `rain:0.8`; undefined when it is neither. */
export function parseNuisance(text: string): Nuisance | undefined {
  const [name, given, ...rest] = text.split(':');
  const known = nuisanceClasses.find((one) => one === name);
  if (known === undefined || rest.length > 0) return undefined;
  if (given === undefined) return { class: known, strength: usualStrength };
  const strength = given.trim() === '' ? Number.NaN : Number(given);
  return strength >= 0 && strength <= 1 ? { class: known, strength } : undefined;
}
