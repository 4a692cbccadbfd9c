// What a schema wants at one place, as data: for the words of a fault and for the comments of `matlang init`.
import type { z } from 'zod';

export type Plain = string | number | boolean | null;
export type Wanted =
  | { readonly is: 'number'; readonly whole: boolean; readonly bounds: Bounds; readonly step: number | undefined }
  /** `rule` is the schema's own sentence for a text pattern, beginning with "must". */
  | {
      readonly is: 'text';
      readonly bounds: Bounds;
      readonly prefix: string | undefined;
      readonly rule: string | undefined;
    }
  | { readonly is: 'one-of'; readonly values: readonly Plain[] }
  | { readonly is: 'list'; readonly bounds: Bounds }
  | { readonly is: 'truth' }
  /** `names` only where a choice between kinds of value needs them said. */
  | { readonly is: 'keys'; readonly names: readonly string[] }
  | { readonly is: 'either'; readonly of: readonly Wanted[] }
  | { readonly is: 'other' };
export interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** Optional, defaulted and nullable schemas stand for what they hold. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return unwrap(def.innerType);
    default:
      return schema;
  }
}

export function defOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  // Every schema that zod's public builders make is one of $ZodTypes.
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The schema of one key, list entry or chosen alternative below `schema`; `value` decides which alternative of a union is meant. */
export function schemaBelow(schema: z.core.$ZodType, step: PropertyKey, value: unknown): z.core.$ZodType | undefined {
  const def = defOf(unwrap(schema));
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, step) ? def.shape[String(step)] : undefined;
    case 'array':
      return def.element;
    case 'tuple':
      return def.items[Number(step)];
    case 'record':
      return def.valueType;
    case 'union': {
      const chosen = alternative(schema, value) ?? def.options.find((option) => schemaBelow(option, step, value));
      return chosen === undefined ? undefined : schemaBelow(chosen, step, value);
    }
    default:
      return undefined;
  }
}

export function schemaAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema;
  let found = value;
  for (const step of path) {
    if (at === undefined) return undefined;
    at = schemaBelow(at, step, found);
    found = valueBelow(found, step);
  }
  return at;
}

export function valueBelow(value: unknown, step: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<PropertyKey, unknown>)[step]
    : undefined;
}

/** Which member of a discriminated union `value` says it is; of another union, the one with keys when `value` is a group of keys. */
export function alternative(schema: z.core.$ZodType, value: unknown): z.core.$ZodType | undefined {
  const def = defOf(unwrap(schema));
  if (def.type !== 'union') return undefined;
  if (!('discriminator' in def))
    return isGroup(value) ? def.options.find((option) => defOf(unwrap(option)).type === 'object') : undefined;
  const by = String(def.discriminator);
  return def.options.find((option) => {
    const key = schemaBelow(option, by, value);
    return key !== undefined && literals(key).includes(valueBelow(value, by) as Plain);
  });
}

export const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names that may stand in a map of this schema; for a union, those of the alternative that `value` chose. */
export function keysOf(schema: z.core.$ZodType, value: unknown): readonly string[] {
  const def = defOf(unwrap(schema));
  if (def.type === 'object') return Object.keys(def.shape);
  const chosen = alternative(schema, value);
  return chosen === undefined ? [] : keysOf(chosen, value);
}

export function wantedOf(schema: z.core.$ZodType): Wanted {
  const def = defOf(unwrap(schema));
  switch (def.type) {
    case 'number': {
      const { min, max, step, whole } = limits(unwrap(schema));
      return { is: 'number', whole, bounds: { min, max }, step };
    }
    case 'string': {
      const { min, max, prefix, rule } = limits(unwrap(schema));
      return { is: 'text', bounds: { min, max }, prefix, rule };
    }
    case 'array': {
      const { min, max } = limits(unwrap(schema));
      return { is: 'list', bounds: { min, max } };
    }
    case 'tuple':
      return { is: 'list', bounds: { min: def.items.length, max: def.items.length } };
    case 'boolean':
      return { is: 'truth' };
    case 'object':
    case 'record':
      return { is: 'keys', names: [] };
    case 'union': {
      if ('discriminator' in def) return { is: 'keys', names: [] };
      const values = literals(schema);
      if (values.length > 0) return { is: 'one-of', values };
      return { is: 'either', of: def.options.map(wantedAsChoice) };
    }
    case 'enum':
    case 'literal':
      return { is: 'one-of', values: literals(schema) };
    default:
      return { is: 'other' };
  }
}

function wantedAsChoice(schema: z.core.$ZodType): Wanted {
  const wanted = wantedOf(schema);
  return wanted.is === 'keys' ? { is: 'keys', names: keysOf(schema, undefined) } : wanted;
}

/** The values of an enum, a literal or a union of such; empty for anything else. */
export function literals(schema: z.core.$ZodType): readonly Plain[] {
  const def = defOf(unwrap(schema));
  if (def.type === 'literal') return def.values.filter((value) => value !== undefined && typeof value !== 'bigint');
  if (def.type === 'enum') return Object.values(def.entries);
  return def.type === 'union' ? def.options.flatMap((option) => literals(option)) : [];
}

interface Limits {
  min: number | undefined;
  max: number | undefined;
  step: number | undefined;
  whole: boolean;
  prefix: string | undefined;
  rule: string | undefined;
}

function limits(schema: z.core.$ZodType): Limits {
  const found: Limits = {
    min: undefined,
    max: undefined,
    step: undefined,
    whole: false,
    prefix: undefined,
    rule: undefined,
  };
  const own: object = defOf(schema);
  if ('check' in own && own.check === 'number_format') found.whole = true;
  for (const check of defOf(schema).checks ?? []) note(found, (check as z.core.$ZodChecks)._zod.def);
  return found;
}

function note(found: Limits, check: z.core.$ZodChecks['_zod']['def']): void {
  switch (check.check) {
    case 'greater_than':
      found.min = Number(check.value);
      break;
    case 'less_than':
      found.max = Number(check.value);
      break;
    case 'min_length':
      found.min = check.minimum;
      break;
    case 'max_length':
      found.max = check.maximum;
      break;
    case 'length_equals':
      found.min = check.length;
      found.max = check.length;
      break;
    case 'multiple_of':
      found.step = Number(check.value);
      break;
    case 'number_format':
      found.whole = true;
      break;
    case 'string_format':
      if ('prefix' in check) found.prefix = String(check.prefix);
      else found.rule = sentence(check);
      break;
  }
}

function sentence(check: z.core.$ZodChecks['_zod']['def']): string | undefined {
  const said = check.error?.({ code: 'custom', input: undefined, path: [] } as never);
  return typeof said === 'string' ? said : said?.message;
}
