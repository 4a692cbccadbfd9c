// A process with a camera in it, for tests that kill it: prints the process ids of the media child and its source, then goes on. SIGTERM stops it in order.
import { camera } from './camera-world.ts';

const settings = JSON.parse(process.argv[2] ?? '');
const source = camera(settings, {
  sceneCommand: ({ width, height, fps }) => [
    'ffmpeg',
    ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'],
  ],
});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
let told = false;
for await (const sight of source.run(stop.signal)) {
  if (sight.is !== 'fragment' || told) continue;
  told = true;
  process.stdout.write(`${JSON.stringify(source.inventory().pids)}\n`);
}
