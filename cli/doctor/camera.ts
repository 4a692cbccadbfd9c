// What the configured camera needs to be there before it can be opened. The camera itself is not opened: the recorder may be using it.
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CameraConfig } from '../../agent/core/config/schema.ts';
import { type Check, type Found, fail, ok, type Patient, warn } from './check.ts';
import { firstLine } from './programs.ts';

export const cameraCheck: Check = {
  id: 'camera',
  vi: 'Camera',
  en: 'Camera',
  look: async (patient) => {
    if (patient.config !== undefined) return await prerequisites(patient.config.camera, patient);
    const next = patient.language === 'vi' ? 'Chạy lại với --config TỆP' : 'Run again with --config FILE';
    return warn(patient.language === 'vi' ? 'chưa có cấu hình' : 'no configuration', next);
  },
};

async function prerequisites(camera: CameraConfig, patient: Patient): Promise<Found> {
  const vi = patient.language === 'vi';
  switch (camera.driver) {
    case 'scene':
      return ok(vi ? 'cảnh vẽ, không cần phần cứng' : 'a drawn scene, needs no hardware');
    case 'film':
      return await there(resolve(patient.home, camera.path), vi ? 'Kiểm tra camera.path' : 'Check camera.path');
    case 'v4l2':
      return await there(
        camera.device,
        vi ? 'Cắm camera USB, rồi xem: ls /dev/video*' : 'Plug the USB camera in, then: ls /dev/video*',
      );
    case 'pi':
      return await program(['rpicam-vid'], patient);
    case 'stills':
      return await program(['rpicam-still', 'raspistill'], patient);
    case 'rtsp': {
      // The address may hold a password; only the host is shown.
      const { host } = new URL(camera.url);
      return ok(vi ? `rtsp ở ${host} (chưa thử kết nối)` : `rtsp at ${host} (not tried)`);
    }
  }
}

async function there(path: string, next: string): Promise<Found> {
  const problem = await access(path).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return problem === undefined ? ok(path) : fail(problem, next);
}

async function program(names: readonly string[], { env, language }: Patient): Promise<Found> {
  for (const name of names) {
    const version = await firstLine(name, name.startsWith('rpicam') ? ['--version'] : ['--help'], env);
    if (version !== undefined) return ok(`${name} ${version}`.slice(0, 100));
  }
  const measured = language === 'vi' ? `không có ${names.join(', ')}` : `no ${names.join(', ')}`;
  const next =
    language === 'vi'
      ? 'Trên Raspberry Pi OS: sudo apt install rpicam-apps, kiểm tra cáp camera'
      : 'On Raspberry Pi OS: sudo apt install rpicam-apps, check the camera ribbon';
  return fail(measured, next);
}
