// The picture of the lamp in the guide shows what the lamp does. Where the patterns change: `MATLANG_DRAW=1 node test/run.ts core/led-picture` draws it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LedMeaning, ledPatterns } from '../../agent/core/led.ts';

const test = suite('core/led-picture');
const path = fileURLToPath(new URL('../../docs/img/led.svg', import.meta.url));
const words: Readonly<Record<LedMeaning, string>> = {
  well: 'Tốt, đang gửi',
  offline: 'Ghi hình, chưa nối được máy chủ',
  warned: 'Có cảnh báo',
  watching: 'Đang ghi một sự kiện',
  starting: 'Đang khởi động',
  broken: 'Hỏng camera hoặc thẻ',
  'update-accepted': 'Cập nhật: đang cài, để yên USB',
  'update-done': 'Cập nhật: xong, rút USB',
  'update-unsigned': 'Từ chối 1: thiếu chữ ký, hết hạn',
  'update-damaged': 'Từ chối 2: USB hoặc tệp hỏng',
  'update-no-room': 'Từ chối 3: thẻ không đủ chỗ',
  'update-failed': 'Từ chối 4: chạy thử không đạt',
  'update-refused': 'Từ chối 5: lý do khác',
};
const shownMs = 6000;
const [left, wide, rowHigh] = [270, 470, 46];

function draw(): string {
  const meanings = Object.keys(words) as LedMeaning[];
  const high = meanings.length * rowHigh + 54;
  const x = (ms: number) => (left + (ms / shownMs) * wide).toFixed(1);
  const rows = meanings.flatMap((meaning, row) => {
    const top = 30 + row * rowHigh;
    const pattern = ledPatterns[meaning];
    const lights: string[] = [];
    for (let ms = 0, nth = 0; ms < shownMs; nth++) {
      // One number is steady light.
      const length = pattern.length === 1 ? shownMs : (pattern[nth % pattern.length] ?? shownMs);
      const width = ((Math.min(length, shownMs - ms) / shownMs) * wide).toFixed(1);
      if (nth % 2 === 0) lights.push(`<rect x="${x(ms)}" y="${top + 2}" width="${width}" height="20" fill="#7dde4b"/>`);
      ms += length;
    }
    const label = `<text x="14" y="${top + 17}">${words[meaning]}</text>`;
    return [`${label}<rect x="${left}" y="${top}" width="${wide}" height="24" fill="#222"/>`, ...lights];
  });
  const seconds = Array.from({ length: shownMs / 1000 + 1 }, (_, second) => {
    const anchor = second * 1000 === shownMs ? 'end' : 'middle';
    return `<text x="${x(second * 1000)}" y="${high - 14}" font-size="12" text-anchor="${anchor}">${second} s</text>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${high}" font-family="sans-serif" font-size="14" role="img" aria-label="Các kiểu nháy của đèn trạng thái trong sáu giây">`;
  return `${[head, `<rect width="760" height="${high}" fill="#fff"/>`, ...rows, ...seconds, '</svg>'].join('\n')}\n`;
}

test('the picture in the guide is drawn from the patterns', () => {
  if (process.env.MATLANG_DRAW !== undefined) writeFileSync(path, draw());
  assert.is(readFileSync(path, 'utf8'), draw());
});

test.run();
