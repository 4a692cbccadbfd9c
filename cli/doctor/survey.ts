// `matlang doctor --camera rtsp://…`: is a camera that the commune already has of use, and why; `--csv` gathers many.
import { appendFile, stat } from 'node:fs/promises';
import { judge, type Survey, survey } from '../../hal/camera/survey.ts';
import type { Language } from '../language.ts';

type Judged = ReturnType<typeof judge>;
const words = {
  vi: {
    verdict: { copy: 'DÙNG ĐƯỢC, giữ nguyên video', encode: 'DÙNG ĐƯỢC, phải nén lại', unusable: 'KHÔNG DÙNG ĐƯỢC' },
    why: {
      'no-picture': 'không có hình',
      codec: 'không phải H.264: đổi trong cài đặt camera, hoặc mắt camera phải nén lại',
      gop: 'khung chính (I-frame) quá thưa: đặt GOP tối đa 2 giây',
      'gop-unknown': 'chưa thấy đủ hai khung chính trong 8 giây: đặt GOP tối đa 2 giây',
      size: 'hình lớn hơn 1920x1088: chọn luồng phụ hoặc giảm độ phân giải',
      rate: 'dưới 5 hình mỗi giây',
      clock: 'đồng hồ của camera sai: bật NTP trong camera',
    },
    clock: 'lệch giờ',
    gop: 'khung chính mỗi',
  },
  en: {
    verdict: { copy: 'USABLE, video kept as it comes', encode: 'USABLE, must be encoded anew', unusable: 'NOT USABLE' },
    why: {
      'no-picture': 'there is no picture',
      codec: 'not H.264: change it in the camera, or the node must encode anew',
      gop: 'key frames come too seldom: set a GOP of at most 2 seconds',
      'gop-unknown': 'no two key frames within 8 seconds: set a GOP of at most 2 seconds',
      size: 'larger than 1920x1088: take the second stream or a smaller size',
      rate: 'fewer than 5 pictures a second',
      clock: "the camera's clock is wrong: switch NTP on in the camera",
    },
    clock: 'clock off by',
    gop: 'key frame every',
  },
} as const;

/** 0 when every camera is of use. */
export async function surveyAll(
  urls: readonly string[],
  rules: { readonly csv?: string; readonly json?: boolean },
  language: Language,
): Promise<number> {
  const found: (Survey & Judged)[] = [];
  for (const url of urls) {
    const seen = await survey(url, new AbortController().signal);
    const judged = judge(seen);
    found.push({ ...seen, ...judged });
    if (rules.json !== true) process.stdout.write(`${told(seen, judged, language)}\n`);
    if (rules.csv !== undefined) await appendRow(rules.csv, seen, judged);
  }
  if (rules.json === true) process.stdout.write(`${JSON.stringify({ cameras: found }, undefined, 2)}\n`);
  return found.some(({ verdict }) => verdict === 'unusable') ? 1 : 0;
}

function told(seen: Survey, { verdict, whys }: Judged, language: Language): string {
  const say = words[language];
  const { picture, kbps, gopMs, clockErrorS } = seen;
  const measured = [
    picture === undefined ? undefined : `${picture.codec} ${picture.width}x${picture.height}`,
    picture?.fps === undefined ? undefined : `${Math.round(picture.fps * 10) / 10} fps`,
    kbps === undefined ? undefined : `${kbps} kbit/s`,
    gopMs === undefined ? undefined : `${say.gop} ${(gopMs / 1000).toFixed(1)} s`,
    clockErrorS === undefined ? undefined : `${say.clock} ${clockErrorS} s`,
    seen.why,
  ].filter((text) => text !== undefined);
  const reasons = whys.map((why) => `\n        → ${say.why[why]}`).join('');
  return `${seen.host}: ${say.verdict[verdict]}\n        ${measured.join(', ')}${reasons}`;
}

const columns = ['host', 'verdict', 'codec', 'width', 'height', 'fps', 'kbps', 'gopMs', 'clockErrorS', 'why'];

async function appendRow(path: string, seen: Survey, { verdict, whys }: Judged): Promise<void> {
  const isNew = await stat(path).then(
    ({ size }) => size === 0,
    () => true,
  );
  const { host, picture, kbps, gopMs, clockErrorS, why } = seen;
  const { codec, width, height, fps } = picture ?? {};
  const cells = [
    host,
    verdict,
    codec,
    width,
    height,
    fps,
    kbps,
    gopMs,
    clockErrorS,
    [...whys, why ?? ''].join(' ').trim(),
  ];
  await appendFile(path, `${isNew ? `${columns.join(',')}\n` : ''}${cells.map(cell).join(',')}\n`);
}

/** RFC 4180, and no cell that a table program would take for a formula. */
function cell(value: string | number | undefined): string {
  if (typeof value === 'number') return String(value);
  const text = (value ?? '').replace(/^[=+\-@]/, "'$&");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
