// One node's configuration: shapes, bounds, defaults, and the Vietnamese and English comments that `matlang init` writes from them.
import * as z from 'zod';
import { nameSchema } from '../../../protocol/identity.ts';
import { pinsSchema } from './pins-schema.ts';
import { bangSchema, voiceSchema } from './sound-schema.ts';
import { valueBelow } from './wanted.ts';
import { told } from './words.ts';
import { ignoreZonesSchema, polygon, size, watchZonesSchema } from './zone-schema.ts';

const whole = (min: number, max: number) => z.int().min(min).max(max);
const junctionCorners = [
  [0.1, 0.5],
  [0.9, 0.5],
  [0.9, 1],
  [0.1, 1],
];
const windowCorners = [
  [0, 0],
  [0.2, 0],
  [0.2, 0.3],
  [0, 0.3],
];

const picture = {
  width: told(
    z.int().min(160).max(1920).multipleOf(16).default(1280),
    'Chiều rộng hình (điểm ảnh)',
    'Picture width (pixels)',
  ),
  height: told(
    z.int().min(120).max(1088).multipleOf(2).default(720),
    'Chiều cao hình (điểm ảnh)',
    'Picture height (pixels)',
  ),
  fps: told(whole(1, 30).default(15), 'Số khung hình mỗi giây', 'Frames per second'),
  bitrateKbps: told(whole(100, 8000).default(2000), 'Tốc độ bit của video (kbit/s)', 'Video bit rate (kbit/s)'),
  caption: told(z.boolean().default(true), 'Ghi tên và giờ lên hình', 'Write name and time into the picture'),
  masks: told(
    z.array(polygon).max(16).default([]),
    'Vùng che riêng tư (che hẳn trên hình): danh sách đa giác, tọa độ 0 đến 1',
    'Privacy masks (burned in): list of polygons, coordinates 0 to 1',
    [windowCorners],
  ),
};

const driver = <D extends string>(name: D, vi: string, en: string) => told(z.literal(name), vi, en);

export const cameraSchema = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: driver('pi', 'Loại camera: camera gắn trên Raspberry Pi', 'Kind of camera: Raspberry Pi camera'),
    ...picture,
    rotation: told(
      z.union([z.literal(0), z.literal(180)]).default(0),
      'Xoay hình (độ), 180 khi camera treo ngược',
      'Rotation (degrees), 180 when it hangs upside down',
    ),
  }),
  z.strictObject({
    driver: driver('v4l2', 'Loại camera: webcam USB', 'Kind of camera: USB webcam'),
    ...picture,
    device: told(z.string().startsWith('/dev/').default('/dev/video0'), 'Thiết bị', 'Device'),
  }),
  z.strictObject({
    driver: driver('rtsp', 'Loại camera: camera IP có sẵn, qua RTSP', 'Kind of camera: an IP camera, by RTSP'),
    ...picture,
    url: told(
      z.string().regex(/^rtsps?:\/\//, 'must begin with rtsp:// or rtsps://'),
      'Địa chỉ RTSP của camera, cả tên và mật khẩu nếu có',
      "The camera's RTSP address, with name and password if it has them",
    ),
    transport: told(
      z.enum(['tcp', 'udp']).default('tcp'),
      'Cách truyền; tcp ít mất hình hơn',
      'Transport; tcp loses fewer pictures',
    ),
  }),
  z.strictObject({
    driver: driver(
      'stills',
      'Loại camera: chụp từng ảnh (điểm dùng pin mặt trời, mạng yếu)',
      'Kind of camera: single pictures (solar power, weak network)',
    ),
    ...picture,
    everyMs: told(whole(1000, 60_000).default(2000), 'Bao lâu chụp một ảnh (ms)', 'Time from picture to picture (ms)'),
  }),
  z.strictObject({
    driver: driver('film', 'Nguồn hình: một tệp phim', 'Source: a film'),
    ...picture,
    path: told(z.string().min(1), 'Tệp phim', 'Film'),
    repeat: told(z.boolean().default(false), 'Hết phim thì chạy lại', 'Begin again at its end'),
  }),
  z.strictObject({
    driver: driver('scene', 'Nguồn hình: ngã tư vẽ bằng máy, để thử', 'Source: a drawn junction, for trying out'),
    ...picture,
    seed: told(whole(0, 2 ** 31 - 1).default(1), 'Số gieo: cùng số thì cùng cảnh', 'Seed: same number, same scene'),
    time: told(z.enum(['day', 'night']).default('day'), 'Ban ngày hay ban đêm', 'Day or night'),
  }),
]);
export type CameraConfig = z.infer<typeof cameraSchema>;

export const motionSchema = z.strictObject({
  /** What a track needs to become a subject, in steps; a higher number never sees less. */
  sensitivity: told(
    whole(1, 10).default(5),
    'Độ nhạy: 1 chỉ tính chuyển động lớn, rõ, chắc chắn; 10 tính mọi thứ nhích đi một chút (báo nhầm nhiều hơn)',
    'Sensitivity: 1 only large, clear, certain motion; 10 everything that travels a little (more false alarms)',
  ),
  fps: told(whole(2, 10).default(5), 'Số hình phân tích mỗi giây', 'Pictures analysed per second'),
  width: told(
    z.int().min(160).max(320).multipleOf(16).default(160),
    'Chiều rộng hình phân tích',
    'Analysis width (pixels)',
  ),
  height: told(
    z.int().min(90).max(240).multipleOf(2).default(90),
    'Chiều cao hình phân tích',
    'Analysis height (pixels)',
  ),
  minSize: told(
    size().default(0.002),
    'Vật nhỏ nhất được tính, phần diện tích hình: một số cho cả hình, hoặc {near: 0.003, far: 0.0003} nếu càng xa càng nhỏ',
    'Smallest subject, as a part of the picture: one number, or {near: 0.003, far: 0.0003} where what is far is small',
  ),
  minMs: told(
    whole(0, 10_000).default(400),
    'Chuyển động ngắn nhất được tính (ms)',
    'Shortest motion that counts (ms)',
  ),
  watch: told(
    watchZonesSchema,
    'Vùng phát hiện; để trống là toàn bộ hình',
    'Watch zones; empty means the whole picture',
    [
      {
        name: 'cổng làng',
        polygon: junctionCorners,
        level: 'alarm',
        minSize: { near: 0.01, far: 0.002 },
        armed: ['22:00-05:00'],
      },
    ],
  ),
  ignore: told(ignoreZonesSchema, 'Vùng bỏ qua', 'Ignore zones', [{ name: 'ngọn cây', polygon: windowCorners }]),
});
export type MotionConfig = z.infer<typeof motionSchema>;

export const eventsSchema = z
  .strictObject({
    quietMs: told(
      whole(300, 60_000).default(1500),
      'Yên bao lâu thì sự kiện kết thúc (ms)',
      'Quiet time that ends an event (ms)',
    ),
    preRollMs: told(
      whole(5000, 60_000).default(6000),
      'Video giữ lại trước sự kiện (ms)',
      'Video kept before an event (ms)',
    ),
    postRollMs: told(
      whole(5000, 60_000).default(6000),
      'Video giữ lại sau sự kiện (ms)',
      'Video kept after an event (ms)',
    ),
    clipMsMax: told(
      whole(15_000, 600_000).default(60_000),
      'Độ dài tối đa một đoạn video, sau đó sang đoạn tiếp theo (ms)',
      'Longest clip, then a follow-on part begins (ms)',
    ),
  })
  .refine(({ preRollMs, postRollMs, clipMsMax }) => preRollMs + postRollMs < clipMsMax, {
    path: ['clipMsMax'],
    error: 'must be more than preRollMs and postRollMs together',
    params: { vi: 'phải lớn hơn preRollMs cộng postRollMs' },
  });
export type EventsConfig = z.infer<typeof eventsSchema>;

export const storageSchema = z.strictObject({
  profile: told(
    z.enum(['ring', 'events']).default('ring'),
    'ring: ghi liên tục, xem lại được mọi phút; events: chỉ ghi khi có sự kiện (thẻ nhỏ)',
    'ring: always recording, any minute can be fetched; events: only around events (small cards)',
  ),
  ringMiB: told(
    z.union([z.literal('auto'), whole(8, 1_000_000)]).default('auto'),
    'Dung lượng vòng ghi liên tục (MiB); auto: phần thẻ còn lại',
    'Size of the ring (MiB); auto: what else the card has room for',
  ),
  spoolMiB: told(
    whole(8, 1_000_000).default(2048),
    'Dung lượng tối đa cho dữ liệu chờ gửi (MiB)',
    'Room for data waiting to be sent (MiB)',
  ),
  keepFreeMiB: told(
    whole(1, 100_000).default(256),
    'Luôn chừa trống trên thẻ (MiB)',
    'Room always left free on the card (MiB)',
  ),
});
export type StorageConfig = z.infer<typeof storageSchema>;

export const uplinkSchema = z.strictObject({
  broker: told(
    z
      .string()
      .regex(/^mqtts?:\/\//, 'must begin with mqtt:// or mqtts://')
      .default('mqtt://127.0.0.1:1883'),
    'Địa chỉ máy chủ MQTT của xã',
    "Address of the commune's MQTT broker",
  ),
  mqtt: told(
    z.union([z.literal(5), z.literal(4)]).default(5),
    'Phiên bản MQTT: 5, hoặc 4 (là 3.1.1) cho máy chủ nhúng',
    'MQTT version: 5, or 4 (which is 3.1.1) for the embedded broker',
  ),
  link: told(
    z.enum(['unmetered', 'metered']).default('unmetered'),
    'unmetered: mạng không tính dung lượng; metered: sim tính dung lượng, video chờ khi dùng quá phần của tháng, báo động và ảnh thì không',
    'unmetered, or metered: video waits when more is used than its share of the month, alarms and stills do not',
  ),
  monthlyMiB: told(
    whole(0, 10_000_000).default(4096),
    'Dung lượng mỗi tháng khi link là metered (MiB)',
    'Data of a month when link is metered (MiB)',
  ),
});

/** Not larger, where both are numbers at all: other faults are told by their own rules. */
const atMost = (config: unknown, path: readonly string[], other: readonly string[]): boolean => {
  const [value, bound] = [path.reduce(valueBelow, config), other.reduce(valueBelow, config)];
  return typeof value !== 'number' || typeof bound !== 'number' || value <= bound;
};
const atMostRule = (path: string[], other: string) => ({
  path,
  error: `must be at most ${other}`,
  params: { vi: `không được lớn hơn ${other}`, against: other },
  // Faults elsewhere must not hide this one.
  when: () => true,
});

export const configSchema = z
  .strictObject({
    commune: told(
      nameSchema.clone(),
      'Mã xã: chữ thường không dấu, số và dấu gạch',
      'Commune: lower-case letters, digits and dashes',
    ),
    node: told(nameSchema.clone(), 'Mã mắt camera, duy nhất trong xã', 'Node name, unique in the commune'),
    title: told(
      z.string().min(1).max(100),
      'Tên gọi của điểm camera, hiện trên màn hình trực ban',
      'What people call this point, shown on the duty desk',
    ),
    dataDir: told(
      z.string().min(1).default('data'),
      'Thư mục dữ liệu (tính từ thư mục của tệp này)',
      'Data folder (relative to this file)',
    ),
    identityDir: told(
      z.string().min(1).default('identity'),
      'Thư mục khóa và danh tính',
      'Folder of keys and identity',
    ),
    camera: told(cameraSchema, 'Camera', 'Camera'),
    motion: told(motionSchema.prefault({}), 'Phát hiện chuyển động', 'Motion detection'),
    tamper: told(
      z
        .strictObject({
          enabled: told(
            z.boolean().default(true),
            'Báo động khi camera bị che, phun sơn, xoay, làm mờ, chiếu chói hoặc hình đứng yên',
            'Alarm when the camera is covered, sprayed, turned, out of focus, dazzled or frozen',
          ),
        })
        .prefault({}),
      'Bảo vệ camera',
      'Watching over the camera itself',
    ),
    events: told(eventsSchema.prefault({}), 'Sự kiện và đoạn video', 'Events and clips'),
    storage: told(storageSchema.prefault({}), 'Lưu trên thẻ nhớ', 'Storage on the card'),
    uplink: told(uplinkSchema.prefault({}), 'Kết nối về máy chủ xã', 'Link to the hub'),
    clock: told(
      z.enum(['auto', 'system']).default('auto'),
      'auto: chỉ tin giờ đã đồng bộ; system: luôn tin giờ hệ thống',
      'auto: trust only a synchronised clock; system: always trust the system clock',
    ),
    pins: told(
      pinsSchema.prefault({}),
      'Chân GPIO: nút báo động, công tắc, đèn, còi',
      'GPIO pins: panic button, switches, lamps, siren',
    ),
    voice: told(
      voiceSchema.prefault({}),
      'Từ khóa bằng giọng nói (tùy chọn, chỉ tiếng Anh)',
      'Spoken keyword (optional, English only)',
    ),
    bang: told(
      bangSchema.prefault({}),
      'Tiếng nổ (tiếng súng, va chạm) là báo động; cần micro, không cần mạng, âm thanh không được lưu hay gửi',
      'A bang (shot, crash) as an alarm; needs a microphone, no network; sound is never kept or sent',
    ),
    vitalsEveryS: told(
      whole(5, 3600).default(30),
      'Bao lâu báo tình trạng một lần (giây)',
      'Seconds between reports of vitals',
    ),
  })
  .refine(
    (config) => atMost(config, ['motion', 'width'], ['camera', 'width']),
    atMostRule(['motion', 'width'], 'camera.width'),
  )
  .refine(
    (config) => atMost(config, ['motion', 'height'], ['camera', 'height']),
    atMostRule(['motion', 'height'], 'camera.height'),
  )
  .refine((config) => atMost(config, ['motion', 'fps'], ['camera', 'fps']), atMostRule(['motion', 'fps'], 'camera.fps'))
  .refine(({ dataDir, identityDir }) => dataDir !== identityDir, {
    path: ['identityDir'],
    error: 'must be another folder than dataDir',
    params: { vi: 'phải là thư mục khác với dataDir' },
  });
export type NodeConfig = z.infer<typeof configSchema>;
