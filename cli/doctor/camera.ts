// What the configured camera needs to be there before it can be opened. The camera itself is not opened: the recorder may be using it.
import { access } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { CameraConfig } from '../../agent/core/config/schema.ts';
import { rtspPort } from '../../hal/camera/survey.ts';
import { runShort } from '../../hal/short-child.ts';
import { hostOf } from '../../protocol/host.ts';
import { type Check, type Found, fail, ok, type Patient, warn } from './check.ts';
import { roundTrip } from './link.ts';
import { firstLine, timeoutMs } from './programs.ts';

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
      return await onTheRibbon(patient);
    case 'stills':
      return await stillProgram(patient);
    case 'rtsp':
      return await onTheNetwork(camera.url, vi);
  }
}

/** The list of what libcamera finds does not take a camera away from the recorder. */
async function onTheRibbon({ env, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const listed = await runShort('rpicam-vid', ['--list-cameras'], { timeoutMs, env });
  if (listed.ok) {
    const found = readCameras(Buffer.from(listed.out).toString('utf8'));
    if (found.length > 0) return ok(`rpicam-vid: ${found.join(', ')}`);
    return fail(
      vi ? 'rpicam-vid không thấy camera nào' : 'rpicam-vid sees no camera',
      vi
        ? 'Tắt nguồn, rút cáp dẹt, lau, cắm lại đúng mặt; xem camera_auto_detect=1 trong /boot/firmware/config.txt'
        : 'Power off, reseat the ribbon the right way round; see camera_auto_detect=1 in /boot/firmware/config.txt',
    );
  }
  // The other recipe for the same camera (hal/camera/recipes).
  const gst = await runShort('gst-inspect-1.0', ['--exists', 'libcamerasrc'], { timeoutMs, env });
  if (gst.ok) return ok('GStreamer: libcamerasrc');
  return fail(
    vi ? 'không có rpicam-vid' : 'no rpicam-vid',
    vi
      ? 'Trên Raspberry Pi OS: sudo apt install rpicam-apps, kiểm tra cáp camera'
      : 'On Raspberry Pi OS: sudo apt install rpicam-apps, check the camera ribbon',
  );
}

/** Of `rpicam-vid --list-cameras`: a line `0 : imx219 [3280x2464 10-bit RGGB] (/base/…)` for each. */
const readCameras = (said: string): string[] => [...said.matchAll(/^\s*\d+ : (\S+) \[/gm)].map(([, name = '']) => name);

/** The address may hold a password; only the host is shown. */
async function onTheNetwork(url: string, vi: boolean): Promise<Found> {
  const { port } = new URL(url);
  const host = hostOf(url);
  if (isIP(host) === 0)
    return warn(
      `rtsp: ${host}`,
      vi
        ? 'Ghi địa chỉ số của camera (như 10.0.0.9): dưới systemd tiến trình ghi hình chỉ được tới đúng địa chỉ đó'
        : "Give the camera's numeric address (like 10.0.0.9): under systemd the recorder may reach that one alone",
    );
  const reached = await roundTrip(host, Number(port || rtspPort));
  if (reached.ok) return ok(`rtsp: ${host}: ${reached.ms.toFixed(0)} ms`);
  return fail(
    `rtsp: ${host}: ${reached.why}`,
    vi ? 'Kiểm tra nguồn, dây mạng và địa chỉ của camera' : "Check the camera's power, cable and address",
  );
}

async function there(path: string, next: string): Promise<Found> {
  const problem = await access(path).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return problem === undefined ? ok(path) : fail(problem, next);
}

async function stillProgram({ env, language }: Patient): Promise<Found> {
  const names = ['rpicam-still', 'raspistill'];
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
