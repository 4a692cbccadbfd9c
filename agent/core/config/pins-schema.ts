// What is wired to the header: buttons and contacts in, lamps, siren and strobe out.
import * as z from 'zod';
import { triggers } from '../../../protocol/manifest.ts';
import { told } from './words.ts';
import { hoursText } from './zone-schema.ts';

const pinNumber = () => z.int().min(0).max(63);
const whole = (min: number, max: number) => z.int().min(min).max(max);

const inputSchema = z.strictObject({
  pin: told(pinNumber(), 'Số chân GPIO (BCM)', 'GPIO number (BCM)'),
  trigger: told(
    z.enum(['panic', 'tamper', 'pir', 'door', 'fire']).default('panic'),
    'panic: nút báo động; tamper: bị mở, phá; pir: cảm biến người; door: cửa; fire: báo cháy',
    'What it means: panic button, tamper switch, motion sensor, door contact, fire alarm',
  ),
  activeLow: told(z.boolean().default(true), 'Tác động khi nối xuống đất', 'Acts when connected to ground'),
  debounceMs: told(whole(0, 1000).default(30), 'Bỏ qua rung tiếp điểm (ms)', 'Contact bounce ignored (ms)'),
});

const outputPin = (vi: string, en: string) => told(pinNumber().nullable().default(null), vi, en);

const infraredSchema = z.strictObject({
  pin: outputPin('Chân GPIO của đèn hồng ngoại; null là không có', 'GPIO number; null means none'),
  when: told(
    z.enum(['dark', 'hours']).default('dark'),
    'dark: bật khi hình tối; hours: bật theo giờ (chưa có giờ chuẩn thì theo độ tối)',
    'dark: when the picture is dark; hours: by the clock (by the picture while there is no clock)',
  ),
  hours: told(hoursText.clone().default('18:00-05:30'), 'Giờ bật đèn', 'Hours of burning'),
  darkLevel: told(
    whole(1, 200).default(45),
    'Dưới độ sáng trung bình này (0 đến 255) là tối',
    'Below this mean grey level (0 to 255) it is dark',
  ),
});

const sounderSchema = (secondsMax: number, vi: string, en: string) =>
  z.strictObject({
    pin: outputPin(vi, en),
    on: told(
      z
        .array(z.enum(triggers).exclude(['command']))
        .max(triggers.length)
        .default([]),
      'Tự bật khi có báo động loại này (panic, fire, tamper, motion …); để trống: chỉ khi cán bộ ra lệnh',
      'Alarms that switch it on (panic, fire, tamper, motion …); empty: only by command',
    ),
    secondsMax: told(
      whole(1, 300).default(secondsMax),
      'Thời gian kêu tối đa một lần (giây), không gì vượt được',
      'Longest time in one piece (seconds), whatever asks for it',
    ),
  });

export const pinsSchema = z
  .strictObject({
    inputs: told(z.array(inputSchema).max(8).default([]), 'Nút và công tắc nối vào', 'Buttons and switches connected', [
      { pin: 17, trigger: 'panic', activeLow: true, debounceMs: 30 },
    ]),
    lampPin: outputPin(
      'Chân GPIO của đèn chiếu sáng do cán bộ bật; null là không có',
      'GPIO number of the lamp that officers switch; null means none',
    ),
    statusPin: outputPin(
      'Chân GPIO của đèn trạng thái (xem docs/guide/den-bao.md); null là không có',
      'GPIO number of the status lamp (docs/guide/den-bao.md); null means none',
    ),
    infrared: told(infraredSchema.prefault({}), 'Đèn hồng ngoại', 'Infrared lamp'),
    siren: told(
      sounderSchema(60, 'Chân GPIO của còi; null là không có', 'GPIO number of the siren; null means none').prefault(
        {},
      ),
      'Còi báo động',
      'Siren',
    ),
    strobe: told(
      sounderSchema(
        120,
        'Chân GPIO của đèn chớp; null là không có',
        'GPIO number of the strobe; null means none',
      ).prefault({}),
      'Đèn chớp',
      'Strobe',
    ),
    simDir: told(
      z.string().min(1).nullable().default(null),
      'Thư mục chân giả, để thử khi không có GPIO; null là dùng chân thật',
      'Folder of simulated pins, for trying out without GPIO; null means real pins',
    ),
  })
  .refine(
    (pins) => {
      const used = [...pins.inputs.map(({ pin }) => pin), ...outputPins(pins)];
      return new Set(used).size === used.length;
    },
    { error: 'every pin must be used once only', params: { vi: 'mỗi chân chỉ được dùng một lần' } },
  );

type Output = { readonly pin: number | null };
export function outputPins(pins: {
  readonly lampPin: number | null;
  readonly statusPin: number | null;
  readonly infrared: Output;
  readonly siren: Output;
  readonly strobe: Output;
}): number[] {
  const all = [pins.lampPin, pins.statusPin, pins.infrared.pin, pins.siren.pin, pins.strobe.pin];
  return all.filter((pin) => pin !== null);
}
