// `matlang replay --trace …`: what another sensitivity would have caught, from what was kept of every picture.
import { join } from 'node:path';
import { cellsName } from '../../agent/core/trace/cells.ts';
import type { Trace } from '../../agent/core/trace/decode.ts';
import { type Account, type WouldBe, wouldHave } from '../../agent/core/trace/would-have.ts';
import { readIdentity, unsealKeyText } from '../../hub/unseal-key.ts';
import type { Language } from '../language.ts';
import { askWords } from './ask-words.ts';
import { readTraces, type TracesRead } from './trace-files.ts';
import { words } from './words.ts';

export interface AskOptions {
  readonly trace?: readonly string[];
  readonly archive?: string;
  readonly node?: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** Exit code and what to print. */
export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function ask(options: AskOptions, sensitivity: number, language: Language): Promise<Answer> {
  const say = askWords[language];
  const fail = (err: string): Answer => ({ code: 1, out: '', err: `${err}\n` });
  const paths = [...(options.trace ?? [])];
  if (options.archive !== undefined) {
    if (options.node === undefined || options.key === undefined) return fail(say.archiveNeeds);
    paths.push(join(options.archive, 'archive', options.node));
  }
  const identity = options.key === undefined ? undefined : readIdentity(await unsealKeyText(options.key));
  if (options.key !== undefined && identity === undefined) return fail(say.noKey(options.key));
  const read = await readTraces(paths, identity).catch((error: unknown) => error);
  if (read instanceof Error) return fail(say.unreadable(read.message));
  const { traces, bad } = read as TracesRead;
  const complaints = bad.map(({ path, why }) => `${say.bad(path, why)}\n`).join('');
  if (traces.length === 0) return fail(complaints === '' ? say.none : complaints.trim());
  const range = rangeOf(options, traces);
  if (typeof range === 'string') return fail(say.badTime(range));
  const account = within(wouldHave(traces, sensitivity), range);
  const set = [...new Set(traces.map(({ head }) => head.sensitivity))];
  const before = set.map((each) => ({
    sensitivity: each,
    events: within(wouldHave(traces, each), range).events.length,
  }));
  const told = { account, sensitivity, before, traces: traces.length };
  const out = options.json ? asJson(told) : asLines(told, language);
  return { code: bad.length === 0 ? 0 : 1, out, err: complaints };
}

interface Told {
  readonly account: Account;
  readonly sensitivity: number;
  /** Events at the sensitivities that were set. */
  readonly before: readonly { readonly sensitivity: number; readonly events: number }[];
  readonly traces: number;
}
interface Range {
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The word that is no time, when there is one. `24h` counts back from the newest picture. Undefined where no range is asked for. */
function rangeOf({ from, to }: AskOptions, traces: readonly Trace[]): Range | string | undefined {
  if (from === undefined && to === undefined) return undefined;
  const newest = Math.max(
    ...traces.map(({ firstWallMs, firstMonoMs, lastMonoMs }) =>
      firstWallMs === null ? Number.NEGATIVE_INFINITY : firstWallMs + lastMonoMs - firstMonoMs,
    ),
  );
  const read = (text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    const back = /^(\d+)([mhd])$/.exec(text);
    return back === null ? Date.parse(text) : newest - Number(back[1]) * (unitsMs[back[2] ?? ''] ?? 0);
  };
  const range = {
    fromWallMs: read(from, Number.NEGATIVE_INFINITY),
    toWallMs: read(to, Number.POSITIVE_INFINITY),
  };
  if (Number.isNaN(range.fromWallMs)) return from ?? '';
  return Number.isNaN(range.toWallMs) ? (to ?? '') : range;
}

function within(account: Account, range: Range | undefined): Account {
  if (range === undefined) return account;
  const isIn = ({ firstWallMs, lastWallMs }: WouldBe) =>
    firstWallMs !== null && lastWallMs !== null && lastWallMs >= range.fromWallMs && firstWallMs <= range.toWallMs;
  return { ...account, events: account.events.filter(isIn) };
}

const digits = (value: number, count: number): number => Number(value.toFixed(count));

function asJson({ account, sensitivity, before, traces }: Told): string {
  const told = {
    sensitivity,
    set: before,
    batches: traces,
    pictures: account.pictures,
    hours: digits(account.accountedMs / 3_600_000, 3),
    gaps: account.gaps,
    crowdedPictures: account.crowded,
    events: account.events.map(
      ({ cells, firstMonoMs, lastMonoMs, firstWallMs, lastWallMs, peakShare, boxes, ...rest }) => ({
        ...rest,
        start: firstWallMs === null ? null : new Date(firstWallMs).toISOString(),
        end: lastWallMs === null ? null : new Date(lastWallMs).toISOString(),
        startS: digits(firstMonoMs / 1000, 3),
        endS: digits(lastMonoMs / 1000, 3),
        cells: cellsName(cells),
        peakShare: digits(peakShare, 5),
        boxes: boxes.map(({ x, y, w, h }) => ({ x: digits(x, 4), y: digits(y, 4), w: digits(w, 4), h: digits(h, 4) })),
      }),
    ),
  };
  return `${JSON.stringify(told)}\n`;
}

function asLines({ account, sensitivity, before }: Told, language: Language): string {
  const say = askWords[language];
  const rules = words[language].rules;
  const lines = account.events.map((event) => {
    const seconds = (event.lastMonoMs - event.firstMonoMs) / 1000;
    const why = event.caught ? say.caught : say.held(rules[event.rule], event.needs);
    const zones = event.zones.length === 0 ? '' : `; ${event.zones.join(', ')}`;
    return `  ${when(event)}  ${seconds.toFixed(1).padStart(6)} s  ${why}; ${say.cells(cellsName(event.cells))}${zones}`;
  });
  const gaps = account.gaps.reduce((sum, { fromMonoMs, toMonoMs }) => sum + toMonoMs - fromMonoMs, 0);
  return `${[
    say.head(sensitivity, account.events.length, account.accountedMs / 3_600_000),
    ...lines,
    ...before.map((each) => say.before(each.sensitivity, each.events)),
    ...(gaps === 0 ? [] : [say.gaps(account.gaps.length, gaps / 60_000)]),
    say.limits,
  ].join('\n')}\n`;
}

/** Local time where the node had a clock, else seconds since its start. */
function when({ firstWallMs, firstMonoMs, boot }: WouldBe): string {
  if (firstWallMs !== null) return new Date(firstWallMs).toLocaleString('sv-SE');
  return `boot ${Number(boot.slice(0, 6))} +${(firstMonoMs / 1000).toFixed(1)} s`;
}
