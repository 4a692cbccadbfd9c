// Stands in for rpicam-vid, as far as our recipes can tell: frames or H.264 on standard output, logs on stderr, SIGINT ends it, SIGTERM does not, and one
// process owns the sensor. SENSOR_LOCK names the lock file, one a picture
// size, so that a test can have several cameras; CAMERA_FAULT makes it `absent`, `busy`, `silent` (hangs), `freeze` (after 2 s) or `exit` (after 6 s).
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const flag = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ width: flag, height: flag, framerate: flag, codec: flag, rotation: flag },
    ...{
      timeout: { ...flag, short: 't' },
      nopreview: { type: 'boolean', short: 'n' },
      verbose: { ...flag, short: 'v' },
    },
    ...{ output: { ...flag, short: 'o' }, flush: { type: 'boolean' }, inline: { type: 'boolean' } },
    ...{ intra: { ...flag, short: 'g' }, bitrate: { ...flag, short: 'b' } },
  },
});
const [width, height, fps] = [Number(values.width), Number(values.height), Number(values.framerate)];
const fault = process.env.CAMERA_FAULT ?? '';
const lock = `${process.env.SENSOR_LOCK}.${width}x${height}`;
if (values.output !== '-' || values.timeout !== '0')
  fail(`unexpected output ${values.output} or timeout ${values.timeout}`);
if (fault === 'absent') fail('ERROR: *** no cameras available ***');
if (fault === 'busy' || !takeSensor())
  fail('ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/imx219@10 ***');
process.on('SIGTERM', () => process.stderr.write('no handler for SIGTERM\n'));
process.on('exit', () => unlinkSync(lock));
process.stderr.write(`[0:00:01] INFO Camera camera_manager.cpp libcamera v0.3.2 mode ${width}x${height}\n`);

if (values.codec === 'h264') encoded();
else raw();

/** 1 as rpicam-apps exit on an error. */
function fail(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

function takeSensor(): boolean {
  try {
    const held = openSync(lock, 'wx');
    writeSync(held, String(process.pid));
    closeSync(held);
    return true;
  } catch {
    // Whoever was killed has left its lock; a living one keeps it.
    if (isAlive(Number(readFileSync(lock, 'utf8')))) return false;
    unlinkSync(lock);
    return takeSensor();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function raw(): void {
  const frame = Buffer.alloc(width * height * 1.5, 128);
  let count = 0;
  const draw = () => {
    if (fault !== 'freeze' || count < fps * 2)
      for (let y = 0; y < height; y += 1) frame.fill((y + count * 3) & 255, y * width, (y + 1) * width);
    writeSync(1, frame);
    count += 1;
    if (fault === 'exit' && count > fps * 6) process.exit(1);
  };
  const timer = fault === 'silent' ? setInterval(() => undefined, 1000) : setInterval(draw, 1000 / fps);
  process.on('SIGINT', () => {
    clearInterval(timer);
    process.exit(0);
  });
}

function encoded(): void {
  const input = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`];
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    values.intra ?? '60',
    '-f',
    'h264',
  ];
  const args = [
    '--pdeathsig',
    'KILL',
    'ffmpeg',
    '-v',
    'error',
    '-nostdin',
    ...input,
    ...video,
    '-flush_packets',
    '1',
    'pipe:1',
  ];
  const child = spawn('setpriv', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ENCODER_FAULTS: '' },
  });
  process.on('SIGINT', () => child.kill('SIGINT'));
  child.on('exit', () => process.exit(0));
}
