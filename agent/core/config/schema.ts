// One node's configuration: shapes, bounds, defaults, and the Vietnamese and English comments that `matlang init` writes from them.
import { z } from 'zod';
import { nameSchema } from '../../../protocol/identity.ts';
import { levels } from '../../../protocol/manifest.ts';

/** Words for people, kept with the field: `vi` first. */
type Words = { vi: string; en: string };
export const words = z.registry<Words>();

const told = <T extends z.ZodType>(schema: T, vi: string, en: string): T => {
  words.add(schema, { vi, en });
  return schema;
};

const whole = (min: number, max: number) => z.int().min(min).max(max);
const part = z.number().min(0).max(1);
/** Corners in parts of the picture's width and height. */
const polygon = z
  .array(z.tuple([part, part]))
  .min(3)
  .max(32);

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
  ),
};

export const cameraSchema = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('pi'), ...picture, rotation: z.union([z.literal(0), z.literal(180)]).default(0) }),
  z.strictObject({
    driver: z.literal('v4l2'),
    ...picture,
    device: z.string().startsWith('/dev/').default('/dev/video0'),
  }),
  z.strictObject({
    driver: z.literal('rtsp'),
    ...picture,
    url: z.string().regex(/^rtsps?:\/\//, 'must begin with rtsp:// or rtsps://'),
    transport: z.enum(['tcp', 'udp']).default('tcp'),
  }),
  z.strictObject({ driver: z.literal('stills'), ...picture, everyMs: whole(1000, 60_000).default(2000) }),
  z.strictObject({
    driver: z.literal('film'),
    ...picture,
    path: z.string().min(1),
    repeat: z.boolean().default(false),
  }),
  z.strictObject({
    driver: z.literal('scene'),
    ...picture,
    seed: whole(0, 2 ** 31 - 1).default(1),
    time: z.enum(['day', 'night']).default('day'),
  }),
]);
export type CameraConfig = z.infer<typeof cameraSchema>;

const zoneSchema = z.strictObject({
  name: z.string().min(1).max(60),
  polygon,
  level: z.enum(levels).default('event'),
  /** Smallest subject, as a part of the picture's area. */
  minSize: part.optional(),
});

export const motionSchema = z.strictObject({
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
    part.default(0.002),
    'Vật nhỏ nhất được tính, phần diện tích hình (0 đến 1)',
    'Smallest subject, as a part of the picture (0 to 1)',
  ),
  minMs: told(
    whole(0, 10_000).default(400),
    'Chuyển động ngắn nhất được tính (ms)',
    'Shortest motion that counts (ms)',
  ),
  watch: told(
    z.array(zoneSchema).max(16).default([]),
    'Vùng phát hiện; để trống là toàn bộ hình',
    'Watch zones; empty means the whole picture',
  ),
  ignore: told(
    z
      .array(z.strictObject({ name: z.string().min(1).max(60), polygon }))
      .max(16)
      .default([]),
    'Vùng bỏ qua',
    'Ignore zones',
  ),
});
export type MotionConfig = z.infer<typeof motionSchema>;

export const eventsSchema = z.strictObject({
  quietMs: told(
    whole(300, 60_000).default(1500),
    'Yên bao lâu thì sự kiện kết thúc (ms)',
    'Quiet time that ends an event (ms)',
  ),
  preRollMs: told(
    whole(5000, 60_000).default(6000),
    'Video giữ lại trước sự kiện (ms, ít nhất 5000)',
    'Video kept before an event (ms, at least 5000)',
  ),
  postRollMs: told(
    whole(5000, 60_000).default(6000),
    'Video giữ lại sau sự kiện (ms, ít nhất 5000)',
    'Video kept after an event (ms, at least 5000)',
  ),
  clipMsMax: told(
    whole(15_000, 600_000).default(60_000),
    'Độ dài tối đa một đoạn video, sau đó sang đoạn tiếp theo (ms)',
    'Longest clip, then a follow-on part begins (ms)',
  ),
});
export type EventsConfig = z.infer<typeof eventsSchema>;

export const storageSchema = z.strictObject({
  profile: told(
    z.enum(['ring', 'events']).default('ring'),
    'ring: ghi liên tục, xem lại được mọi phút; events: chỉ ghi khi có sự kiện (thẻ nhỏ)',
    'ring: always recording, any minute can be fetched; events: only around events (small cards)',
  ),
  ringMiB: told(whole(8, 1_000_000).default(8192), 'Dung lượng vòng ghi liên tục (MiB)', 'Size of the ring (MiB)'),
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
});
export type UplinkConfig = z.infer<typeof uplinkSchema>;

const pinSchema = z.strictObject({
  pin: whole(0, 63),
  trigger: z.enum(['panic', 'tamper', 'pir', 'door', 'fire']).default('panic'),
  activeLow: z.boolean().default(true),
  debounceMs: whole(0, 1000).default(30),
});

export const configSchema = z.strictObject({
  commune: told(
    nameSchema,
    'Mã xã: chữ thường không dấu, số và dấu gạch',
    'Commune: lower-case letters, digits and dashes',
  ),
  node: told(nameSchema, 'Mã mắt camera, duy nhất trong xã', 'Node name, unique in the commune'),
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
  identityDir: told(z.string().min(1).default('identity'), 'Thư mục khóa và danh tính', 'Folder of keys and identity'),
  camera: told(cameraSchema, 'Camera', 'Camera'),
  motion: told(motionSchema.prefault({}), 'Phát hiện chuyển động', 'Motion detection'),
  events: told(eventsSchema.prefault({}), 'Sự kiện và đoạn video', 'Events and clips'),
  storage: told(storageSchema.prefault({}), 'Lưu trên thẻ nhớ', 'Storage on the card'),
  uplink: told(uplinkSchema.prefault({}), 'Kết nối về máy chủ xã', 'Link to the hub'),
  clock: told(
    z.enum(['auto', 'system']).default('auto'),
    'auto: chỉ tin giờ đã đồng bộ; system: luôn tin giờ hệ thống',
    'auto: trust only a synchronised clock; system: always trust the system clock',
  ),
  pins: told(
    z
      .strictObject({ inputs: z.array(pinSchema).max(8).default([]), lampPin: whole(0, 63).nullable().default(null) })
      .prefault({}),
    'Chân GPIO: nút báo động, công tắc, đèn',
    'GPIO pins: panic button, switches, lamp',
  ),
  voice: told(
    z
      .strictObject({
        enabled: z.boolean().default(false),
        accessKeyFile: z.string().default(''),
        keyword: z.string().max(40).default('PORCUPINE'),
      })
      .prefault({}),
    'Từ khóa bằng giọng nói (tùy chọn, chỉ tiếng Anh)',
    'Spoken keyword (optional, English only)',
  ),
  vitalsEveryS: told(
    whole(5, 3600).default(30),
    'Bao lâu báo tình trạng một lần (giây)',
    'Seconds between reports of vitals',
  ),
});
export type NodeConfig = z.infer<typeof configSchema>;
