// Board, card, clock, pins, sound: through the same drivers the recorder uses.
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { outputPins } from '../../agent/core/config/pins-schema.ts';
import { soundRules } from '../../agent/core/config/sound-schema.ts';
import { keepTime } from '../../agent/keep-time.ts';
import { openBoard } from '../../hal/board.ts';
import { openBoardClock } from '../../hal/clock.ts';
import { disk } from '../../hal/disk.ts';
import { readInventory } from '../../hal/inventory.ts';
import { openPins } from '../../hal/pins/open.ts';
import { inItsRoom } from '../../hal/short-child.ts';
import { openSound } from '../../hal/sound.ts';
import { type Check, type Found, fail, mib, ok, type Patient, warn } from './check.ts';

/** The processor slows itself at 80 °C on every Pi. */
const hotC = 80;
const memoryBytesMin = 64 * 1024 * 1024;
/** Firmware bits of now: under-voltage, capped, throttled, soft limit. */
const throttledNow = 0xf;
const underVoltage = 1 << 0;
const soundMsMax = 15_000;

export const boardChecks: readonly Check[] = [
  { id: 'data', vi: 'Thư mục dữ liệu', en: 'Data folder', look: dataFolder },
  {
    id: 'clock',
    vi: 'Đồng hồ',
    en: 'Clock',
    look: async ({ language, config }) => {
      const { clock, wallMs, errorMs } = keepTime(openBoardClock({ trust: config?.clock ?? 'auto' }), 0).now();
      if (wallMs !== null) return ok(`${clock}, ${new Date(wallMs).toISOString()} ±${errorMs} ms`);
      const next =
        language === 'vi'
          ? 'Cắm mạng và chờ đồng bộ: timedatectl'
          : 'Connect the network and wait for synchronisation: timedatectl';
      return warn(language === 'vi' ? 'chưa có giờ chuẩn' : 'no time that can be trusted', next);
    },
  },
  { id: 'board', vi: 'Bo mạch', en: 'Board', look: vitals },
  {
    id: 'inventory',
    vi: 'Thiết bị',
    en: 'Inventory',
    look: async ({ language }) => {
      const read = await readInventory({ timeoutMs: 20_000 });
      if (!read.ok)
        return warn(
          read.text || read.why,
          language === 'vi'
            ? 'Chạy lại; nếu lặp lại, khởi động lại máy'
            : 'Run again; if it stays, restart the machine',
        );
      const { model, system, kernel, arch, cores, memoryBytes } = read.inventory;
      return ok(`${model}; ${system}, ${kernel} ${arch}; ${cores} × CPU, ${mib(memoryBytes)} MiB`);
    },
  },
  { id: 'pins', vi: 'Chân GPIO', en: 'GPIO pins', look: pins },
  { id: 'sound', vi: 'Âm thanh', en: 'Sound', look: sound },
];

async function dataFolder({ config, home, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const folder = resolve(home, config?.dataDir ?? '.');
  try {
    await disk.makeFolder(folder);
    const path = resolve(folder, `doctor-${process.pid}.tmp`);
    const startMs = performance.now();
    const file = await disk.create(path);
    try {
      await file.write(new Uint8Array(64 * 1024), 0);
      await file.sync();
    } finally {
      await file.close();
      await disk.remove(path);
    }
    const flushMs = Math.round(performance.now() - startMs);
    const { freeBytes, totalBytes } = await disk.space(folder);
    const measured = `${folder}: ${mib(freeBytes)} / ${mib(totalBytes)} MiB, 64 KiB ${flushMs} ms`;
    const least = config?.storage.keepFreeMiB ?? 256;
    if (mib(freeBytes) >= least) return ok(measured);
    return fail(
      measured,
      vi
        ? `Cần trống ít nhất ${least} MiB: thay thẻ lớn hơn hoặc giảm ringMiB`
        : `At least ${least} MiB must be free: use a larger card or a smaller ringMiB`,
    );
  } catch (error) {
    const measured = `${folder}: ${error instanceof Error ? error.message : String(error)}`;
    return fail(
      measured,
      vi ? 'Kiểm tra thẻ nhớ và quyền ghi của thư mục' : 'Check the card and who may write to the folder',
    );
  }
}

async function vitals({ config, home, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const found = await openBoard({ dataDir: resolve(home, config?.dataDir ?? '.') }).vitals();
  const { temperatureC, throttled, memory, load1, card } = found;
  const measured = [
    temperatureC === null ? undefined : `${temperatureC.toFixed(1)} °C`,
    throttled === null ? undefined : `throttled 0x${throttled.toString(16)}`,
    `${mib(memory.availableBytes)} MiB ${vi ? 'bộ nhớ trống' : 'memory free'}`,
    `load ${load1}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
  if (card?.readOnly === true)
    return fail(
      `${measured}, ${vi ? 'thẻ chỉ đọc' : 'card read-only'}`,
      vi ? 'Thẻ có lỗi: thay thẻ' : 'The card has errors: replace it',
    );
  if (throttled !== null && (throttled & underVoltage) !== 0)
    return fail(measured, vi ? 'Nguồn yếu: đổi bộ nguồn và dây' : 'Under-voltage: change power supply and cable');
  if (temperatureC !== null && temperatureC >= hotC)
    return warn(measured, vi ? 'Quá nóng: che nắng, thông gió cho hộp' : 'Too hot: shade and air the box');
  if (throttled !== null && (throttled & throttledNow) !== 0)
    return warn(
      measured,
      vi ? 'Máy đang tự giảm tốc: xem nhiệt độ và nguồn' : 'The board slows itself: look at heat and power',
    );
  if (memory.availableBytes < memoryBytesMin)
    return warn(measured, vi ? 'Thiếu bộ nhớ: tắt chương trình khác' : 'Short of memory: stop other programs');
  return ok(measured);
}

async function pins({ config, language, home }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const wanted = config === undefined ? [] : [...config.pins.inputs.map(({ pin }) => pin), ...outputPins(config.pins)];
  const simDir = config?.pins.simDir ?? null;
  const opened = await openPins({
    monoMs: () => performance.now(),
    wanted,
    ...(simDir === null ? {} : { simFolder: resolve(home, simDir) }),
  });
  if (opened.ok) {
    await opened.pins.close();
    return ok(opened.pins.driver);
  }
  const measured = `${opened.why}: ${opened.text}`;
  if (wanted.length === 0) return ok(vi ? `không dùng (${opened.why})` : `not used (${opened.why})`);
  return fail(
    measured,
    vi
      ? 'Xem phần nối dây GPIO, hoặc bỏ pins khỏi cấu hình'
      : 'See the wiring of the pins, or take them out of the configuration',
  );
}

async function sound({ config, language, home }: Patient): Promise<Found> {
  const vi = language === 'vi';
  if (config === undefined || (!config.voice.enabled && !config.bang.enabled)) return ok(vi ? 'tắt' : 'off');
  const rules = soundRules(config, process.env.CREDENTIALS_DIRECTORY);
  const keyword = rules.keyword && {
    ...rules.keyword,
    accessKeyFile: rules.keyword.accessKeyFile === '' ? '' : resolve(home, rules.keyword.accessKeyFile),
  };
  const opened = openSound({
    ...rules,
    ...(keyword === undefined ? {} : { keyword }),
    child: inItsRoom('sound-child', '../../agent/recorder/sound-child', import.meta.url),
    monoMs: () => performance.now(),
  });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), soundMsMax);
  const listening = drain(opened.heard(stop.signal));
  // A state is there as soon as the child has answered for each ear.
  const states = () => {
    const now = opened.state();
    return (['keyword', 'bang'] as const).flatMap((ear) => (rules[ear] === undefined ? [] : [{ ear, ...now[ear] }]));
  };
  let found = states();
  for (const startMs = performance.now(); performance.now() - startMs < soundMsMax; found = states()) {
    if (found.every(({ state }) => state !== 'off')) break;
    await new Promise((resolveSoon) => setTimeout(resolveSoon, 50));
  }
  clearTimeout(timer);
  stop.abort();
  await listening;
  const measured = found.map(({ ear, state, text }) => `${ear} ${state}: ${text}`).join('; ');
  if (found.every(({ state }) => state === 'listening')) return ok(measured);
  return warn(
    measured,
    vi
      ? 'Ghi hình không bị ảnh hưởng; xem docs/guide/am-thanh.md, hoặc tắt voice và bang trong cấu hình'
      : 'Recording is not touched; see docs/guide/am-thanh.md, or switch voice and bang off',
  );
}

async function drain(heard: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of heard) count += 1;
  return count;
}
