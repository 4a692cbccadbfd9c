// What the recorder says of itself: the camera it has found and by which recipe, and what is wrong now.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { nowName } from '../../agent/recorder/now-file.ts';
import { ownRunDir } from '../../agent/run-dir.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { type Check, fail, ok, warn } from './check.ts';

const nowSchema = z.looseObject({
  writtenMs: z.number(),
  camera: z.looseObject({
    driver: z.string(),
    recipe: z.string().nullable(),
    restarts: z.number(),
    left: z.array(z.looseObject({ recipe: z.string(), why: z.string() })).optional(),
  }),
  began: z.looseObject({ cause: z.string(), text: z.string() }).optional(),
  faults: z.array(z.looseObject({ code: z.string(), text: z.string() })),
});

export const runningCheck: Check = {
  id: 'recorder',
  vi: 'Tiến trình ghi hình',
  en: 'Recorder',
  look: async ({ config, home, env, language }) => {
    const vi = language === 'vi';
    if (config === undefined)
      return warn(
        vi ? 'chưa có cấu hình' : 'no configuration',
        vi ? 'Chạy lại với --config TỆP' : 'Run again with --config FILE',
      );
    const places = [env.MATLANG_RUN_DIR ?? '/run/matlang', ownRunDir(resolve(home, config.dataDir))];
    const text = await firstOf(places.map((folder) => join(folder, nowName)));
    const read = nowSchema.safeParse(parseJson(text));
    if (!read.success)
      return warn(
        vi ? 'không chạy' : 'not running',
        vi ? 'Bật: sudo systemctl start matlang-recorder' : 'Start it: sudo systemctl start matlang-recorder',
      );
    const { writtenMs, camera, faults, began } = read.data;
    const ageS = Math.round((Date.now() - writtenMs) / 1000);
    const left = (camera.left ?? []).map(({ recipe, why }) => `${recipe}: ${why}`).join('; ');
    const measured = [
      `${camera.driver}, ${camera.recipe ?? (vi ? 'chưa có hình' : 'no picture')}`,
      `${camera.restarts} ${vi ? 'lần chạy lại' : 'restarts'}`,
      ...(left === '' ? [] : [`${vi ? 'đã thử' : 'tried before'}: ${left}`]),
      ...(began === undefined ? [] : [began.text]),
      ...faults.map((fault) => `${fault.code}: ${fault.text}`),
    ].join('\n');
    if (ageS > config.vitalsEveryS * 3)
      return fail(
        `${measured}\n${ageS} s`,
        vi
          ? 'Đã ngừng báo: sudo systemctl restart matlang-recorder'
          : 'It has gone silent: sudo systemctl restart matlang-recorder',
      );
    if (faults.length === 0 && camera.recipe !== null) return ok(measured);
    return warn(
      measured,
      vi
        ? `Xem mục ${faults[0]?.code ?? 'camera'} trong docs/guide/kiem-tra.md`
        : `See ${faults[0]?.code ?? 'camera'} in docs/guide/kiem-tra.md`,
    );
  },
};

async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}
