// Sound from ALSA's `arecord`: 16 kHz, one channel, 16 bit. It passes through and is kept nowhere.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type MicrophoneEnd = { readonly text: string };
const arecord = ['arecord', '-q', '-t', 'raw', '-f', 'S16_LE', '-r', '16000', '-c', '1'];

/** Frames of `frameLength` samples until the signal aborts; returns why it ended when it ends by itself (no such program, no sound card, unplugged). */
export async function* listen(
  frameLength: number,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): AsyncGenerator<Int16Array, MicrophoneEnd> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...arecord], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    told = (told + bytes.toString('utf8')).slice(0, 2000);
  });
  const failed = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
  const closed = once(child, 'close').then(() => told.trim());
  try {
    yield* framesOf(child.stdout, frameLength);
    const text = await Promise.race([closed, failed]);
    return { text: text === '' ? 'arecord ended' : text };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Cuts a stream of bytes into frames of 16-bit little-endian samples; a rest shorter than a frame is dropped. */
export async function* framesOf(
  chunks: AsyncIterable<Uint8Array>,
  frameLength: number,
): AsyncGenerator<Int16Array, void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    for (; rest.length - at >= frameLength * 2; at += frameLength * 2) {
      const frame = new Int16Array(frameLength);
      for (let index = 0; index < frameLength; index++) frame[index] = rest.readInt16LE(at + index * 2);
      yield frame;
    }
    rest = rest.subarray(at);
  }
}
