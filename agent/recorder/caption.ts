// What is written into the picture that people look at. A wrong time is never burned in.

import { bootCounter } from '../../protocol/identity.ts';
import type { Stamp } from '../../protocol/manifest.ts';

const local = new Intl.DateTimeFormat('vi-VN', {
  timeZone: 'Asia/Ho_Chi_Minh',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

export function caption(title: string, time: Stamp, boot: string): string {
  return `${title}  ${time.wallMs === null ? withoutClock(time.monoMs, boot) : local.format(time.wallMs)}`;
}

function withoutClock(monoMs: number, boot: string): string {
  const seconds = Math.floor(monoMs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `CHƯA CÓ GIỜ CHUẨN · boot ${bootCounter(boot)} +${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
