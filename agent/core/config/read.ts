// Text to configuration, all faults at once.
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { type ConfigFault, inVietnamese, type Rule } from './fault.ts';
import { configSchema, type NodeConfig } from './schema.ts';
import { shown } from './shown.ts';
import { keysOf, schemaAt, valueBelow, type Wanted, wantedOf } from './wanted.ts';
import { fault, faultsMax, readYamlText, type YamlText } from './yaml-text.ts';

export { type ConfigFault, faultLine } from './fault.ts';
export type Read<T> = { ok: true; config: T } | { ok: false; faults: readonly ConfigFault[] };
export type ConfigRead = Read<NodeConfig>;

/** `text` is the file as read from disk; `fileName` is how it is called in faults. Faults come in the file's order, at most 50. */
export function readNodeConfig(text: Uint8Array | string, fileName: string): ConfigRead {
  return readYaml(text, fileName, configSchema);
}

/** Reads plain YAML and checks it against `schema`. Never throws on bad input; every fault has a position inside the file. */
export function readYaml<S extends z.ZodType>(
  text: Uint8Array | string,
  fileName: string,
  schema: S,
): Read<z.output<S>> {
  const read = readYamlText(text, fileName);
  if (!read.ok) return read;
  const parsed = schema.safeParse(read.yaml.value, { reportInput: false });
  if (parsed.success) return { ok: true, config: parsed.data };
  const { issues } = parsed.error;
  const faults = issues
    .filter((issue) => !follows(issue, issues))
    .flatMap((issue) => faultsOf(issue, schema, read.yaml, fileName))
    .sort((a, b) => a.line - b.line || a.col - b.col)
    .slice(0, faultsMax);
  return { ok: false, faults };
}

/** A comparison with a value that is itself at fault tells nothing new. */
function follows(issue: z.core.$ZodIssue, all: readonly z.core.$ZodIssue[]): boolean {
  const against: unknown = issue.code === 'custom' ? issue.params?.against : undefined;
  return against !== undefined && all.some((other) => other.code !== 'custom' && keyName(other.path) === against);
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType, yaml: YamlText, fileName: string): ConfigFault[] {
  const { path } = issue;
  const value = path.reduce(valueBelow, yaml.value);
  const meant = branchMeant(issue);
  if (meant !== undefined)
    return meant.flatMap((inner) => faultsOf({ ...inner, path: [...path, ...inner.path] }, schema, yaml, fileName));
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(schema, path, yaml.value) ?? schema, value);
    return issue.keys.map((key) => {
      const at = [...path, key];
      return fault(fileName, yaml.locateKey(at), keyName(at), { is: 'unknown-key', ...hint(key, known) });
    });
  }
  return [fault(fileName, yaml.locate(path), keyName(path), ruleOf(issue, schemaAt(schema, path, yaml.value), value))];
}

/** Where a value may be of one kind or another (a number, or keys), the faults of the kind that it is. */
function branchMeant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const ofItsKind = issue.errors.filter(
    (errors) =>
      !errors.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')),
  );
  return ofItsKind.length === 1 ? ofItsKind[0] : undefined;
}

function ruleOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType | undefined, value: unknown): Rule {
  if (issue.code === 'custom') {
    const not = typeof value === 'object' || value === undefined ? undefined : shown(value, issue.path.at(-1));
    return { is: 'told', en: issue.message, vi: vietnamese(issue), not };
  }
  const wanted = wantedHere(issue, schema);
  if (value === undefined) return { is: 'required', wanted };
  const not = shown(value, issue.path.at(-1));
  if (issue.code === 'invalid_format' && issue.format === 'regex')
    return { is: 'told', en: issue.message, vi: inVietnamese(issue.message), not };
  const bare = issue.code === 'too_small' || issue.code === 'too_big' || issue.code === 'not_multiple_of';
  // Out of bounds: the kind of value is right.
  if (bare && wanted.is === 'either')
    return { is: 'must-be', wanted: wanted.of.find(({ is }) => is === typeof value) ?? wanted, bare, not };
  return { is: 'must-be', wanted, bare, not };
}

function wantedHere(issue: z.core.$ZodIssue, schema: z.core.$ZodType | undefined): Wanted {
  // A missing or unknown discriminator: the issue knows all of them, the schema only one at a time.
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return { is: 'one-of', values: issue.options.map(String) };
  return schema === undefined ? { is: 'other' } : wantedOf(schema);
}

function vietnamese(issue: z.core.$ZodIssue & { code: 'custom' }): string {
  const vi: unknown = issue.params?.vi;
  return typeof vi === 'string' ? vi : inVietnamese(issue.message);
}

function hint(key: string, known: readonly string[]): { near: string | undefined; known: readonly string[] } {
  const near = known.length === 0 ? undefined : closest(key.slice(0, 60), known);
  const close = near !== undefined && distance(key.slice(0, 60), near) <= Math.max(2, Math.floor(near.length / 3));
  return { near: close ? near : undefined, known };
}

/** `motion.watch[0].polygon[2][1]` */
function keyName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    const plain = String(step)
      .slice(0, 60)
      .replace(/[^\p{L}\p{N} _.-]/gu, '?');
    return name === '' ? plain : `${name}.${plain}`;
  }, '');
}
