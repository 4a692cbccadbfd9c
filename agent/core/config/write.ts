// Schema to a commented YAML file: every key with its words, its bounds and its default, Vietnamese line first.
import { stringify } from 'yaml';
import * as z from 'zod';
import { type Language, wantedText } from './fault.ts';
import { defOf, isGroup, keysOf, schemaBelow, unwrap, wantedOf } from './wanted.ts';
import { words } from './words.ts';

/** `values` holds at least what has no default; the rest is written out with its default, so that the file shows all there is to set. */
export function writeConfig(schema: z.ZodType, values: Readonly<Record<string, unknown>>): string {
  return `${[...title, ...keyLines(schema, values, '')].join('\n')}\n`;
}

const title = [
  '# Cấu hình Mắt Làng. Sửa giá trị sau dấu hai chấm; dòng bắt đầu bằng # là chú thích.',
  '# Mat Lang configuration. Change what stands after the colon; lines that begin with # are comments.',
];

function keyLines(schema: z.core.$ZodType, values: Readonly<Record<string, unknown>>, indent: string): string[] {
  return keysOf(schema, values).flatMap((key) => {
    const field = schemaBelow(schema, key, values);
    if (field === undefined) return [];
    const value = key in values ? values[key] : defaultOf(field);
    // An optional key without a value has no line; its words stand in the example of the list around it.
    if (value === undefined) return [];
    const lead = indent === '' ? [''] : [];
    const comments = commentLines(field).map((line) => `${indent}# ${line}`);
    return [...lead, ...comments, ...valueLines(key, field, value, indent)];
  });
}

function valueLines(key: string, field: z.core.$ZodType, value: unknown, indent: string): string[] {
  if (keysOf(field, value).length > 0 && isGroup(value))
    return [`${indent}${key}:`, ...keyLines(field, value, `${indent}  `)];
  return [`${indent}${key}: ${flow(value)}`, ...exampleLines(key, field, value, indent)];
}

function commentLines(field: z.core.$ZodType): string[] {
  const said = wordsOf(field);
  if (said === undefined) return [];
  return (['vi', 'en'] as const).map((language) =>
    [said[language], boundsOf(field, language), defaultText(field, language)].filter((part) => part !== '').join(' · '),
  );
}

function wordsOf(field: z.core.$ZodType) {
  // The registry knows the outermost schema, the one that stands in the map.
  return words.get(field as z.ZodType) ?? words.get(unwrap(field) as z.ZodType);
}

function boundsOf(field: z.core.$ZodType, language: Language): string {
  const wanted = wantedOf(field);
  const bounded = wanted.is === 'number' || (wanted.is === 'one-of' && wanted.values.length > 1);
  return bounded ? wantedText(wanted, language, true) : '';
}

function defaultText(field: z.core.$ZodType, language: Language): string {
  const value = defaultOf(field);
  if (value === undefined || value === '' || typeof value === 'object') return '';
  return `${language === 'vi' ? 'mặc định' : 'default'} ${value}`;
}

function defaultOf(field: z.core.$ZodType): unknown {
  const def = defOf(field);
  if (def.type === 'default') return def.defaultValue;
  // A group that fills itself: its own defaults, all of them.
  return def.type === 'prefault' ? z.parse(field, undefined) : undefined;
}

/** An example entry, commented out, where a list is empty; every key of the entry with its words. */
function exampleLines(key: string, field: z.core.$ZodType, value: unknown, indent: string): string[] {
  const example = wordsOf(field)?.example;
  if (!Array.isArray(example) || !Array.isArray(value) || value.length > 0) return [];
  const def = defOf(unwrap(field));
  const element = def.type === 'array' ? def.element : undefined;
  const entries = example.flatMap((entry: unknown) =>
    isGroup(entry) && element !== undefined ? entryLines(element, entry) : [`- ${flow(entry)}`],
  );
  return [
    '# Ví dụ, thay cho dòng trên · Example, instead of the line above:',
    `# ${key}:`,
    ...entries.map((line) => `#   ${line}`),
  ].map((line) => `${indent}${line}`);
}

/** Each key under its words. */
function entryLines(element: z.core.$ZodType, entry: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(entry).flatMap(([name, value], index) => {
    const field = schemaBelow(element, name, entry);
    const comments = field === undefined ? [] : commentLines(field).map((line) => `  # ${line}`);
    return [...comments, `${index === 0 ? '-' : ' '} ${name}: ${flow(value)}`];
  });
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
