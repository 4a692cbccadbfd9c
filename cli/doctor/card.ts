// The card beneath the data folder: how fast it takes what must be kept, what its file system has counted, how full it is; and the power it all hangs on.
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openBoard } from '../../hal/board.ts';
import { disk } from '../../hal/disk.ts';
import { runShort } from '../../hal/short-child.ts';
import { type Check, type Found, fail, mib, ok, type Patient, warn } from './check.ts';

const probeBytes = 8 * 1024 * 1024;
/** A recorder writes 0.25 MB/s; a card that takes less than a few times that stalls when it tidies itself up. */
const slowMbPerS = 2;
const sinceBootBits = 0xf0000;
const underVoltageNow = 1;
const underVoltageBefore = 1 << 16;

export const cardChecks: readonly Check[] = [
  { id: 'card', vi: 'Thẻ nhớ', en: 'Card', look: card },
  { id: 'power', vi: 'Nguồn điện', en: 'Power', look: power },
];

async function card({ config, home, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const folder = resolve(home, config?.dataDir ?? '.');
  const { card: found } = await openBoard({ dataDir: folder }).vitals();
  const mbPerS = await writeSpeed(folder).catch(() => undefined);
  const fill = found === null ? undefined : Math.round((1 - found.freeBytes / found.totalBytes) * 100);
  const measured = [
    mbPerS === undefined ? undefined : `${mbPerS.toFixed(1)} MB/s`,
    found === null ? undefined : `${fill} % / ${mib(found.totalBytes)} MiB`,
    found?.errors == null ? undefined : `${found.errors} ${vi ? 'lỗi' : 'errors'}`,
    found?.writtenBytes == null
      ? undefined
      : `${mib(found.writtenBytes)} MiB ${vi ? 'đã ghi từ lúc bật' : 'written since boot'}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
  if (mbPerS === undefined || found?.readOnly === true)
    return fail(
      measured || folder,
      vi
        ? 'Thẻ không ghi được: thay thẻ (docs/guide/thay-the.md)'
        : 'The card takes nothing: replace it (docs/guide/thay-the.md)',
    );
  if ((found?.errors ?? 0) > 0)
    return warn(
      measured,
      vi
        ? 'Hệ thống tệp đã ghi nhận lỗi: thay thẻ trong lần tới'
        : 'The file system has counted errors: replace the card on the next visit',
    );
  if (mbPerS < slowMbPerS)
    return warn(
      measured,
      vi ? 'Thẻ chậm: dùng thẻ loại A1/A2, "High Endurance"' : 'A slow card: use one rated A1/A2, high endurance',
    );
  return ok(measured);
}

/** With the flush: what has not been flushed is not kept. */
async function writeSpeed(folder: string): Promise<number> {
  await disk.makeFolder(folder);
  const path = resolve(folder, `doctor-speed-${process.pid}.tmp`);
  const bytes = new Uint8Array(probeBytes).fill(0x5a);
  const file = await disk.create(path);
  try {
    const startMs = performance.now();
    await file.write(bytes, 0);
    await file.sync();
    return probeBytes / 1000 / Math.max(1, performance.now() - startMs);
  } finally {
    await file.close();
    await disk.remove(path);
  }
}

async function power({ config, home, env, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const { throttled } = await openBoard({ dataDir: resolve(home, config?.dataDir ?? '.') }).vitals();
  const bits = throttled ?? (await askFirmware(env));
  if (bits === undefined) return ok(vi ? 'bo mạch không cho biết' : 'this board does not tell');
  const measured = `get_throttled 0x${bits.toString(16)}`;
  const next = vi
    ? 'Đổi nguồn 5 V 3 A trở lên, dây ngắn và to'
    : 'Use a supply of 5 V 3 A or more, with a short, thick cable';
  if ((bits & underVoltageNow) !== 0) return fail(measured, next);
  if ((bits & underVoltageBefore) !== 0)
    return warn(`${measured} ${vi ? '(đã sụt áp từ lúc bật)' : '(under-voltage since boot)'}`, next);
  if ((bits & sinceBootBits) !== 0)
    return warn(
      measured,
      vi ? 'Đã từng nóng hoặc tự giảm tốc: thông gió cho hộp' : 'It has been hot or slowed down: air the box',
    );
  return ok(measured);
}

/** `throttled=0x50005`, by the firmware's own tool. */
async function askFirmware(env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const run = await runShort('vcgencmd', ['get_throttled'], { timeoutMs: 3000, env });
  const hex = run.ok ? /0x([0-9a-f]+)/i.exec(Buffer.from(run.out).toString('utf8'))?.[1] : undefined;
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}
