// What is written into the picture that people look at. A wrong time is never burned in.

import { bootCounter } from '../../protocol/identity.ts';
import type { Stamp } from '../../protocol/manifest.ts';

/** Việt Nam has been at UTC+7 without summer time since 1975. `Intl` would say the same, for 6 MB of its tables in memory. */
const utcAheadMs = 7 * 3_600_000;

export function caption(title: string, time: Stamp, boot: string): string {
  return `${title}  ${time.wallMs === null ? withoutClock(time.monoMs, boot) : localTime(time.wallMs)}`;
}

/** 22/11/2026 19:05:07 */
function localTime(wallMs: number): string {
  const at = new Date(wallMs + utcAheadMs);
  const day = `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}

function withoutClock(monoMs: number, boot: string): string {
  const seconds = Math.floor(monoMs / 1000);
  return `CHƯA CÓ GIỜ CHUẨN · boot ${bootCounter(boot)} +${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
