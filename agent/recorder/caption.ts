// What is written into the picture that people look at. A wrong time is never burned in.

import { bootCounter } from '../../protocol/identity.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { localTime } from '../core/local-time.ts';

export function caption(title: string, time: Stamp, boot: string): string {
  return `${title}  ${time.wallMs === null ? withoutClock(time.monoMs, boot) : localText(time.wallMs)}`;
}

/** 22/11/2026 19:05:07 */
function localText(wallMs: number): string {
  const { day, month, year, hour, minute, second } = localTime(wallMs);
  return `${two(day)}/${two(month)}/${year} ${two(hour)}:${two(minute)}:${two(second)}`;
}

function withoutClock(monoMs: number, boot: string): string {
  const seconds = Math.floor(monoMs / 1000);
  return `CHƯA CÓ GIỜ CHUẨN · boot ${bootCounter(boot)} +${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
