// Zones in the picture: where motion counts, from which size on, during which hours, and how loudly.
import * as z from 'zod';
import { levels } from '../../../protocol/manifest.ts';
import { readHours, spansOverlap } from './hours.ts';
import { polygonFault } from './polygon.ts';
import { told } from './words.ts';

const part = z.number().min(0).max(1);
/** Corners in parts of the picture's width and height. */
export const polygon = z
  .array(z.tuple([part, part]))
  .min(3)
  .max(32)
  .refine((corners) => polygonFault(corners) !== 'crossed', {
    error: 'sides must not cut each other',
    params: { vi: 'các cạnh không được cắt nhau' },
  })
  .refine((corners) => polygonFault(corners) !== 'flat', {
    error: 'must enclose an area (at least 0.001 of the picture)',
    params: { vi: 'phải bao một vùng (ít nhất 0,001 diện tích hình)' },
  });

/**
 * Smallest subject, as a part of the picture's area. One number holds everywhere. With `near` and `far` it follows perspective: `near` holds for who
 * stands with his feet on the lower edge of the zone (or picture), `far` for who stands on its upper edge; in between the length, the square root,
 * changes evenly.
 */
export const size = () =>
  z.union([
    part.clone(),
    z
      .strictObject({
        near: told(part.clone(), 'Ở mép dưới, gần camera', 'At the lower edge, near the camera'),
        far: told(part.clone(), 'Ở mép trên, xa camera', 'At the upper edge, far from the camera'),
      })
      .refine(({ near, far }) => far <= near, {
        path: ['far'],
        error: 'must be at most near',
        params: { vi: 'không được lớn hơn near' },
      }),
  ]);
export type SizeRule = z.infer<ReturnType<typeof size>>;

const hoursRules = {
  form: {
    message:
      'must be hours like 22:00-05:00, or T2-T6 22:00-05:00 on some days only (T2 is Monday, T7 Saturday, CN Sunday)',
    params: { vi: 'phải là giờ như 22:00-05:00, hoặc T2-T6 22:00-05:00 nếu chỉ canh một số ngày' },
  },
  empty: {
    message: 'must begin and end at different times (00:00-24:00 is the whole day)',
    params: { vi: 'phải bắt đầu và kết thúc ở hai giờ khác nhau (cả ngày là 00:00-24:00)' },
  },
} as const;
export const hoursText = z.string().superRefine((text, context) => {
  const read = readHours(text);
  if (!read.ok) context.addIssue({ code: 'custom', ...hoursRules[read.why] });
});

/** Hours that do not overlap; none means always. */
const armedHours = () =>
  z
    .array(hoursText)
    .max(14)
    .superRefine(tellOverlaps, {
      // Another entry at fault must not hide this one.
      when: ({ value }) => Array.isArray(value),
    });

function tellOverlaps(texts: readonly unknown[], context: z.core.$RefinementCtx): void {
  const spansOf = (text: unknown) => {
    const read = readHours(String(text));
    return read.ok ? read.spans : [];
  };
  const all = texts.map(spansOf);
  for (const [at, spans] of all.entries()) {
    const met = all
      .slice(0, at)
      .findIndex((earlier) => earlier.some((one) => spans.some((other) => spansOverlap(one, other))));
    if (met < 0) continue;
    const params = { vi: `không được trùng giờ với ${texts[met]}` };
    context.addIssue({ code: 'custom', path: [at], message: `must not overlap ${texts[met]}`, params });
  }
}

const zoneName = () => told(z.string().min(1).max(60), 'Tên vùng', 'Name of the zone');
const corners = () =>
  told(
    polygon.clone(),
    'Các góc [x, y], 0 đến 1, tính từ góc trên bên trái của hình',
    "Corners [x, y], 0 to 1, from the picture's upper left",
  );

const watchZoneSchema = z.strictObject({
  name: zoneName(),
  polygon: corners(),
  level: told(
    z.enum(levels).default('event'),
    'alarm: báo động ngay; event: chỉ ghi nhận',
    'alarm: raise the alarm; event: record it',
  ),
  /** Without it the picture's own `minSize` holds, and follows the picture's edges. */
  minSize: told(
    size().optional(),
    'Vật nhỏ nhất được tính, phần diện tích hình (tùy chọn): near là ở mép dưới của vùng, far là ở mép trên; hoặc một số cho cả vùng',
    'Smallest subject, as a part of the picture (optional): near at the lower edge of the zone, far at the upper; or one number for all of it',
  ),
  /** Local time. Outside these hours the zone does not watch; while the clock cannot be trusted every zone does. */
  armed: told(
    armedHours().default([]),
    'Giờ canh (tùy chọn), được qua nửa đêm; chỉ một số ngày thì ghi T2-T6 22:00-05:00. Để trống là canh suốt; khi máy chưa có giờ chuẩn cũng canh suốt',
    'Hours of watch (optional), may cross midnight; T2-T6 22:00-05:00 is Monday to Friday. Empty is always; also always while the clock is not trusted',
  ),
});
export type WatchZone = z.infer<typeof watchZoneSchema>;

const namesDiffer = (zones: readonly { readonly name: string }[]) =>
  new Set(zones.map(({ name }) => name)).size === zones.length;
const namesRule = { error: 'zones must have different names', params: { vi: 'tên các vùng phải khác nhau' } };

export const watchZonesSchema = z.array(watchZoneSchema).max(16).refine(namesDiffer, namesRule).default([]);
export const ignoreZonesSchema = z
  .array(z.strictObject({ name: zoneName(), polygon: corners() }))
  .max(16)
  .refine(namesDiffer, namesRule)
  .default([]);
