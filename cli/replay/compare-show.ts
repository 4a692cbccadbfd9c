// Changes, for people and for machines.
import { needsNever } from '../../agent/core/trace/sight.ts';
import type { EventDetails } from '../../protocol/details.ts';
import type { Language } from '../language.ts';
import type { Change, HeldBack, What } from './compare.ts';
import { type CompareWords, compareWords } from './compare-words.ts';
import { clock } from './show.ts';
import { words } from './words.ts';

export interface ToldEvent {
  readonly startS: number;
  readonly endS: number;
  readonly level: EventDetails['level'];
  readonly zones: readonly string[];
  readonly reason: string;
}
/** `was` is null for what is new, `is` for what is gone. */
export interface ToldChange {
  readonly change: Change['is'];
  readonly was: ToldEvent | null;
  readonly is: ToldEvent | null;
  /** What differs, of a pair. */
  readonly what: readonly What[];
  /** Of what is gone: what holds it back now; of what is new: what did before. `needs` is null where no sensitivity would let it count. */
  readonly held: {
    readonly rule: HeldBack['rule'];
    readonly pictures: number;
    readonly of: number;
    readonly needs: number | null;
  } | null;
}

export function changesAsData(changes: readonly Change[]): ToldChange[] {
  return changes.map((change) => ({
    change: change.is,
    was: change.was === undefined ? null : told(change.was),
    is: change.now === undefined ? null : told(change.now),
    what: 'what' in change ? change.what : [],
    held: 'held' in change ? { ...change.held, needs: needsOf(change.held) ?? null } : null,
  }));
}

/** Undefined where no sensitivity helps: hours and zones hold back at every one. */
const needsOf = ({ rule, needs }: HeldBack): number | undefined =>
  needs >= needsNever || rule === 'disarmed' || rule === 'outside' ? undefined : needs;

const told = ({ firstMonoMs, lastMonoMs, level, zones, reason }: EventDetails): ToldEvent => ({
  startS: seconds(firstMonoMs),
  endS: seconds(lastMonoMs),
  level,
  zones,
  reason,
});
const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));

/** `against` is a file's name; undefined for the defaults. */
export function changesAsTable(changes: readonly Change[], against: string | undefined, language: Language): string {
  const say = compareWords[language];
  const widest = Math.max(...Object.values(say.change).map((word) => word.length));
  const lines = changes.map((change) => `  ${say.change[change.is].padEnd(widest)}  ${lineOf(change, language)}`);
  return `${['', say.title(against), ...lines, totalOf(changes, say)].join('\n')}\n`;
}

type Pair = Extract<Change, { is: 'changed' }>;

function lineOf(change: Change, language: Language): string {
  const say = compareWords[language];
  switch (change.is) {
    case 'kept':
      return span(change.was);
    case 'changed':
      return `${bothSpans(change)}  ${change.what.map((what) => whatText(what, change, say)).join('; ')}`;
    case 'gone':
      return `${span(change.was)}  ${heldText(change.held, language)}`;
    case 'new':
      return `${span(change.now)}  ${change.now.reason}; ${say.heldBefore(heldText(change.held, language))}`;
    case 'joined':
      return `${span(change.was)}  ${say.joined(span(change.now))}`;
    case 'split':
      return `${span(change.now)}  ${say.split(span(change.was))}`;
  }
}

const bothSpans = ({ was, now, what }: Pair): string =>
  what.includes('start') || what.includes('end') ? `${span(was)} → ${span(now)}` : span(was);

function whatText(what: What, { was, now }: Pair, say: CompareWords): string {
  const edge = (beforeMs: number, nowMs: number) => {
    const moved = ((nowMs - beforeMs) / 1000).toFixed(1);
    return `${say.what[what]} ${nowMs > beforeMs ? '+' : ''}${moved} ${say.seconds}`;
  };
  const zones = (event: EventDetails) => (event.zones.length === 0 ? say.wholePicture : event.zones.join(', '));
  switch (what) {
    case 'start':
      return edge(was.firstMonoMs, now.firstMonoMs);
    case 'end':
      return edge(was.lastMonoMs, now.lastMonoMs);
    case 'level':
      return `${say.what.level} ${was.level} → ${now.level}`;
    case 'zones':
      return `${say.what.zones} ${zones(was)} → ${zones(now)}`;
  }
}

function heldText(held: HeldBack, language: Language): string {
  const { rule, pictures, of } = held;
  const say = compareWords[language];
  const name = rule === 'outside' || rule === 'unseen' ? say.elsewhere[rule] : words[language].rules[rule];
  return say.held(name, pictures, of, needsOf(held));
}

function totalOf(changes: readonly Change[], say: CompareWords): string {
  const counts: Record<Change['is'], number> = { kept: 0, changed: 0, gone: 0, joined: 0, split: 0, new: 0 };
  for (const { is } of changes) counts[is]++;
  const paired = counts.kept + counts.changed;
  const parts = Object.entries(counts).flatMap(([is, count]) =>
    count === 0 ? [] : [`${count} ${say.change[is as Change['is']]}`],
  );
  const total = say.total(paired + counts.gone + counts.joined, paired + counts.new + counts.split);
  return [total, parts.join(', ')].filter((part) => part !== '').join(': ');
}

const span = ({ firstMonoMs, lastMonoMs }: EventDetails): string => `${clock(firstMonoMs)}–${clock(lastMonoMs)}`;
