// What was done to the camera, in words for people and figures for whoever asks twice.
import type { TamperKind } from '../../../protocol/details.ts';
import type { Language } from '../motion/reason.ts';
import type { TamperNews } from './tamper.ts';

const words: Readonly<Record<Language, Readonly<Record<TamperKind, string>>>> = {
  vi: {
    covered: 'camera bị che',
    sprayed: 'camera bị phun sơn',
    turned: 'camera bị xoay',
    blurred: 'camera bị mờ',
    dazzled: 'camera bị chói',
    frozen: 'hình đứng yên',
  },
  en: {
    covered: 'camera covered',
    sprayed: 'camera sprayed',
    turned: 'camera turned away',
    blurred: 'camera out of focus',
    dazzled: 'camera dazzled by light',
    frozen: 'picture frozen',
  },
};

/** Of an alarm: what, and by which figures. Of the rest: what is over. */
export function tamperReason(language: Language, news: TamperNews): string {
  const what = words[language][news.kind];
  if (news.is === 'cleared') return language === 'vi' ? `${what}: đã hết` : `${what}: over`;
  if (news.is === 'relearned')
    return language === 'vi'
      ? `${what}: không đổi đã lâu, từ nay lấy hình hiện tại làm chuẩn`
      : `${what}: unchanged for long, the present picture is the standard from now on`;
  return `${what}: ${language === 'vi' ? figuresVi(news) : figuresEn(news)}`;
}

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;

function figuresVi({ kind, likeness, stillMs }: TamperNews): string {
  const { lost, other, same, soft, glare, edges, grey, greyBefore } = likeness;
  const light = `độ sáng ${greyBefore.toFixed(0)} → ${grey.toFixed(0)}`;
  switch (kind) {
    case 'covered':
      return lost >= other
        ? `${percent(lost)} hình mất chi tiết, ${light}`
        : `${percent(other)} hình bị vật khác choán chỗ, ${light}`;
    case 'sprayed':
      return `${percent(lost)} hình mất chi tiết, ${percent(same)} còn như cũ, ${light}`;
    case 'turned': {
      const [x, y] = shiftOf(likeness);
      const moved = x === 0 && y === 0 ? '' : `, khung hình lệch ${x} ngang, ${y} dọc (phần 40 bề ngang)`;
      return `đường nét chỉ giống ${percent(Math.max(0, edges))} so với trước${moved}`;
    }
    case 'blurred':
      return `${percent(soft)} hình mất độ nét trong khi độ sáng vẫn còn (${light})`;
    case 'dazzled':
      return `${percent(glare)} hình bị lóa trắng, chỉ còn ${percent(same)} như cũ, ${light}`;
    case 'frozen':
      return `các hình giống hệt nhau hơn ${(stillMs / 1000).toFixed(0)} giây, không còn cả nhiễu của cảm biến`;
  }
}

function figuresEn({ kind, likeness, stillMs }: TamperNews): string {
  const { lost, other, same, soft, glare, edges, grey, greyBefore } = likeness;
  const light = `brightness ${greyBefore.toFixed(0)} → ${grey.toFixed(0)}`;
  switch (kind) {
    case 'covered':
      return lost >= other
        ? `${percent(lost)} of the picture lost its detail, ${light}`
        : `something else fills ${percent(other)} of the picture, ${light}`;
    case 'sprayed':
      return `${percent(lost)} of the picture lost its detail, ${percent(same)} is as before, ${light}`;
    case 'turned': {
      const [x, y] = shiftOf(likeness);
      const moved = x === 0 && y === 0 ? '' : `, shifted by ${x} across and ${y} down (fortieths of the width)`;
      return `outlines agree with those before by ${percent(Math.max(0, edges))} only${moved}`;
    }
    case 'blurred':
      return `${percent(soft)} of the picture lost its sharpness while its brightness stayed (${light})`;
    case 'dazzled':
      return `${percent(glare)} of the picture glares, only ${percent(same)} is as before, ${light}`;
    case 'frozen':
      return `the same picture for more than ${(stillMs / 1000).toFixed(0)} s, without even the sensor's noise`;
  }
}

/** A shift that shake may give is none. */
function shiftOf({ shiftX, shiftY }: TamperNews['likeness']): readonly [number, number] {
  return Math.max(Math.abs(shiftX), Math.abs(shiftY)) > 1 ? [shiftX, shiftY] : [0, 0];
}
