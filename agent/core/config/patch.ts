// JSON merge patches (RFC 7396): laying one over settings, two over each other, and finding the one that leads from here to there.
import * as z from 'zod';

export const patchSchema = z.record(z.string(), z.json());
export type Patch = z.infer<typeof patchSchema>;
type Json = z.infer<ReturnType<typeof z.json>>;

/** RFC 7396, section 2. */
export function mergePatch(target: unknown, patch: Json): unknown {
  if (!isJsonGroup(patch)) return patch;
  const result: Record<string, unknown> = isJsonGroup(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** One patch that does what both do, one after the other: a null stays, for what the file says must go. */
export function mergePatches(first: Patch, then: Patch): Patch {
  const result: Patch = { ...first };
  for (const [key, value] of Object.entries(then)) {
    const before = result[key];
    result[key] = isJsonGroup(value) && isJsonGroup(before) ? mergePatches(before, value) : value;
  }
  return result;
}

/** The smallest patch that makes `to` of `from`: only what differs, lists as a whole, null for what is there no more. Neither holds a null itself. */
export function patchBetween(from: Patch, to: Patch): Patch {
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const patch: Patch = Object.fromEntries(gone.map((key) => [key, null]));
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (isJsonGroup(value) && isJsonGroup(before)) {
      const inner = patchBetween(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!isSame(value, before)) patch[key] = value;
  }
  return patch;
}

/** Whatever the order of keys. */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  if (!isJsonGroup(one) || !isJsonGroup(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

export function isJsonGroup(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
