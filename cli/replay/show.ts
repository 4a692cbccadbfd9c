// What a replay found, for people and for machines.
import { cellsName } from '../../agent/core/trace/cells.ts';
import type { HeldGroup } from '../../agent/core/trace/held.ts';
import { needsNever } from '../../agent/core/trace/sight.ts';
import type { Language } from '../language.ts';
import type { Replayed } from './play.ts';
import type { Rules } from './rules.ts';
import { tamperLines, tampersAsData } from './tampers.ts';
import { words } from './words.ts';

/** People are shown the most frequent; machines get all. */
const groupsShown = 12;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** `more` are keys after these. */
export function asJson(
  { frames, cpuMsPerFrame, events, held, tampers }: Replayed,
  rules: Rules,
  more: object = {},
): string {
  const told = {
    frames,
    seconds: rounded(frames / rules.motion.fps, 3),
    cpuMsPerFrame: rounded(cpuMsPerFrame, 4),
    sensitivity: rules.motion.sensitivity,
    events: events.map((event) => ({
      startS: rounded(event.firstMonoMs / 1000, 3),
      endS: rounded(event.lastMonoMs / 1000, 3),
      peakShare: rounded(event.peakShare, 5),
      boxes: event.boxes.map(({ x, y, w, h }) => ({
        x: rounded(x, 4),
        y: rounded(y, 4),
        w: rounded(w, 4),
        h: rounded(h, 4),
      })),
      reason: event.reason,
      trace: event.trace,
    })),
    nearMisses: held.map((group) => ({
      rule: group.rule,
      rules: group.rules,
      times: group.times,
      pictures: group.pictures,
      cells: group.cells === undefined ? null : cellsName(group.cells),
      fromS: rounded(group.firstMs / 1000, 3),
      toS: rounded(group.lastMs / 1000, 3),
      needs: group.needs,
    })),
    tampers: tampersAsData(tampers),
  };
  return `${JSON.stringify({ ...told, ...more })}\n`;
}

export function asTable(
  { frames, cpuMsPerFrame, events, held, tampers }: Replayed,
  rules: Rules,
  language: Language,
): string {
  const say = words[language];
  const rows = events.map((event) =>
    [
      clock(event.firstMonoMs).padStart(9),
      clock(event.lastMonoMs).padStart(9),
      `${(100 * event.peakShare).toFixed(1)} %`.padStart(7),
      ` ${event.reason}`,
    ].join(' '),
  );
  const head = [say.from.padStart(9), say.to.padStart(9), say.peak.padStart(7), ` ${say.why}`].join(' ');
  const total = say.total(frames, frames / rules.motion.fps, events.length, cpuMsPerFrame);
  return `${[...(rows.length === 0 ? [] : [head, ...rows]), ...tamperLines(tampers, clock), ...heldLines(held, language), total].join('\n')}\n`;
}

export function heldLines(held: readonly HeldGroup[], language: Language): string[] {
  if (held.length === 0) return [];
  const say = words[language];
  const shown = held.slice(0, groupsShown).map((group) => {
    const { rule, times, cells, firstMs, lastMs, needs } = group;
    const place = cells === undefined ? undefined : cellsName(cells);
    return `  ${say.held(times, say.rules[rule], place, say.span(clock(firstMs), clock(lastMs)), rule === 'disarmed' ? needsNever : needs)}`;
  });
  const rest = held.slice(groupsShown);
  const times = rest.reduce((sum, group) => sum + group.times, 0);
  return [say.nearMisses, ...shown, ...(rest.length === 0 ? [] : [`  ${say.otherHeld(rest.length, times)}`])];
}

/** 0:07.4, 12:03.0 */
export function clock(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = (tenths % 600) / 10;
  return `${Math.floor(tenths / 600)}:${seconds.toFixed(1).padStart(4, '0')}`;
}
