import { localTime } from '../../agent/core/local-time.ts';

/** As people of the commune write it: 17:05 28/11/2026. */
export function local(ms: number): string {
  const { year, month, day, hour, minute } = localTime(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(hour)}:${two(minute)} ${two(day)}/${two(month)}/${year}`;
}
