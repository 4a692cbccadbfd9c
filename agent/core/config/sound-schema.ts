// What the microphone listens for; both are off by default.
import * as z from 'zod';
import { told } from './words.ts';

export const voiceSchema = z.strictObject({
  enabled: told(z.boolean().default(false), 'Bật nghe từ khóa', 'Listen for the keyword'),
  accessKeyFile: told(
    z.string().max(500).default(''),
    'Tệp chứa AccessKey của Picovoice; để trống: /etc/credstore/matlang.picovoice khi chạy bằng systemd',
    "File with Picovoice's AccessKey; empty: /etc/credstore/matlang.picovoice under systemd",
  ),
  keyword: told(z.string().max(40).default('PORCUPINE'), 'Từ khóa', 'Keyword'),
});

export const bangSchema = z.strictObject({
  enabled: told(z.boolean().default(false), 'Bật nghe tiếng nổ', 'Listen for bangs'),
  levelDb: told(
    z.number().min(-60).max(-1).default(-15),
    'Độ lớn ít nhất ở micro (dB dưới mức tối đa)',
    'Least level at the microphone (dB below full scale)',
  ),
  riseMs: told(
    z.int().min(4).max(100).default(12),
    'Phải vọt lên trong thời gian này (ms)',
    'It must rise within this time (ms)',
  ),
});

/** What is to be listened for. `credentials` is the folder in which systemd hands over secrets. */
export function soundRules(
  { voice, bang }: { readonly voice: z.infer<typeof voiceSchema>; readonly bang: z.infer<typeof bangSchema> },
  credentials: string | undefined,
): {
  readonly keyword?: { readonly accessKeyFile: string; readonly keyword: string };
  readonly bang?: { readonly levelDb: number; readonly riseMs: number };
} {
  const handedOver = credentials === undefined ? '' : `${credentials}/matlang.picovoice`;
  const accessKeyFile = voice.accessKeyFile === '' ? handedOver : voice.accessKeyFile;
  return {
    ...(voice.enabled ? { keyword: { accessKeyFile, keyword: voice.keyword } } : {}),
    ...(bang.enabled ? { bang: { levelDb: bang.levelDb, riseMs: bang.riseMs } } : {}),
  };
}
