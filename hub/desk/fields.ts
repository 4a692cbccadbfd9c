// The settings of a node as fields of a form, with the words and bounds of the configuration's own schema; and what differs between two settings, for people.
import type { Language } from '../../agent/core/config/fault.ts';
import { isJsonGroup, type Patch } from '../../agent/core/config/patch.ts';
import { configSchema } from '../../agent/core/config/schema.ts';
import { keysOf, schemaAt, schemaBelow, unwrap, wantedOf } from '../../agent/core/config/wanted.ts';
import { words } from '../../agent/core/config/words.ts';

export interface Field {
  /** `motion.sensitivity` */
  readonly key: string;
  readonly vi: string;
  readonly en: string;
  /** `size`: one number, or one for near and one for far. */
  readonly kind: 'number' | 'text' | 'truth' | 'size';
  readonly min: number | null;
  readonly max: number | null;
}
export interface Change {
  readonly key: string;
  readonly label: string;
  /** Null where there is nothing on that side. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Zones and masks are drawn, so they are no fields. */
const groups = ['title', 'motion', 'tamper', 'events', 'vitalsEveryS'] as const;
const drawn = ['motion.watch', 'motion.ignore', 'camera.masks'] as const;

export const fieldsOf = (): Field[] => groups.flatMap((key) => fieldsBelow([key]));

function fieldsBelow(path: readonly string[]): Field[] {
  const schema = schemaAt(configSchema, path, {});
  if (schema === undefined) return [];
  const keys = keysOf(schema, undefined);
  if (keys.length > 0 && schemaBelow(schema, keys[0] ?? '', {}) !== undefined && wantedOf(schema).is === 'keys')
    return keys.flatMap((key) => fieldsBelow([...path, key]));
  const said = words.get(schema as never) ?? words.get(unwrap(schema) as never);
  const wanted = wantedOf(schema);
  const kind = { number: 'number', text: 'text', truth: 'truth', either: 'size' }[wanted.is as 'number'];
  if (kind === undefined || said === undefined) return [];
  const bounds = wanted.is === 'number' || wanted.is === 'text' ? wanted.bounds : undefined;
  const { vi, en } = said;
  const { min = null, max = null } = bounds ?? {};
  return [{ key: path.join('.'), vi, en, kind: kind as Field['kind'], min, max }];
}

const say = {
  vi: {
    yes: 'có',
    no: 'không',
    corners: (n: number) => `${n} góc`,
    shape: 'hình mới',
    alarm: 'báo động',
    event: 'chỉ ghi nhận',
    mask: (n: number) => `Vùng che riêng tư ${n}`,
    watch: (name: string) => `Vùng phát hiện “${name}”`,
    ignore: (name: string) => `Vùng bỏ qua “${name}”`,
  },
  en: {
    yes: 'yes',
    no: 'no',
    corners: (n: number) => `${n} corners`,
    shape: 'another shape',
    alarm: 'alarm',
    event: 'event',
    mask: (n: number) => `Privacy mask ${n}`,
    watch: (name: string) => `Watch zone “${name}”`,
    ignore: (name: string) => `Ignore zone “${name}”`,
  },
} as const;

export function changesOf(from: Patch, to: Patch, language: Language): Change[] {
  const fields = fieldsOf().flatMap((field) => {
    const [before, after] = [at(from, field.key), at(to, field.key)].map((value) => shown(value, language));
    return before === after
      ? []
      : [{ key: field.key, label: field[language].split(':')[0] ?? '', from: before ?? null, to: after ?? null }];
  });
  return [...fields, ...drawn.flatMap((key) => drawnChanges(key, at(from, key), at(to, key), language))];
}

const at = (settings: Patch, key: string): unknown =>
  key.split('.').reduce<unknown>((value, step) => (isJsonGroup(value) ? value[step] : undefined), settings);

function shown(value: unknown, language: Language): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? say[language].yes : say[language].no;
  return isJsonGroup(value) ? `${value.near} … ${value.far}` : String(value);
}

interface Zone {
  readonly name: string;
  readonly polygon: unknown;
  readonly level?: string;
  readonly armed?: readonly string[];
}

/** Zones are known by their names; a mask has none, it is one of several. */
function drawnChanges(key: (typeof drawn)[number], from: unknown, to: unknown, language: Language): Change[] {
  const words = say[language];
  const isMask = key === 'camera.masks';
  const label = isMask ? words.mask : key === 'motion.watch' ? words.watch : words.ignore;
  const [before, after] = [from, to].map((list) => zonesIn(list, isMask));
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  return names.flatMap((name) => {
    const [one, other] = [before?.get(name), after?.get(name)];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    const reshaped =
      one !== undefined && other !== undefined && JSON.stringify(one.polygon) !== JSON.stringify(other.polygon);
    const told = zoneWords(other, language);
    return [
      {
        key,
        label: label(name as never),
        from: zoneWords(one, language),
        to: reshaped ? `${told} (${words.shape})` : told,
      },
    ];
  });
}

function zonesIn(list: unknown, isMask: boolean): Map<string, Zone> {
  if (!Array.isArray(list)) return new Map();
  return new Map(
    list.map((each: unknown, index) =>
      isMask
        ? [String(index + 1), { name: String(index + 1), polygon: each }]
        : [String((each as Zone).name), each as Zone],
    ),
  );
}

function zoneWords(zone: Zone | undefined, language: Language): string | null {
  if (zone === undefined) return null;
  const words = say[language];
  const corners = words.corners(Array.isArray(zone.polygon) ? zone.polygon.length : 0);
  const level = zone.level === undefined ? undefined : zone.level === 'alarm' ? words.alarm : words.event;
  return [corners, level, ...(zone.armed ?? [])].filter((part) => part !== undefined).join(' · ');
}
