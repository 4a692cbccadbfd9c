// Whether this board can encode H.264 by itself. Trying a recipe that needs it where it is absent costs the first pictures a whole start of the camera.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As kernels name it: bcm2835-codec-encode on a Raspberry Pi 0 to 4. Wide, so that another kernel's name is tried rather than passed over. */
const encoderName = /codec|enc|m2m/i;

/** From sysfs: no device is opened. */
export function hasHardwareEncoder(sysRoot = '/sys'): boolean {
  try {
    const devices = join(sysRoot, 'class/video4linux');
    return readdirSync(devices).some((device) => encoderName.test(readFileSync(join(devices, device, 'name'), 'utf8')));
  } catch {
    // No video device at all, or one that was unplugged as it was read: what remains is what every machine can do.
    return false;
  }
}
