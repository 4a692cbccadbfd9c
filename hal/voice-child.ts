// Listens for a keyword in a process of its own, so that a crash in the engine's native code costs no picture. Started by voice.ts.
// Arguments: file of the AccessKey, keyword. Says on stdout, one JSON a line: { "state", "text" } or { "heard": keyword }.
import { readFile } from 'node:fs/promises';
import { listen } from './microphone.ts';
import type { VoiceState } from './ports.ts';
import { startEngine } from './voice-engine.ts';

const [keyFile = '', keyword = ''] = process.argv.slice(2);
const say = (words: { state: VoiceState; text: string } | { heard: string }) =>
  process.stdout.write(`${JSON.stringify(words)}\n`);

const accessKey = keyFile === '' ? '' : await readFile(keyFile, 'utf8').catch(() => '');
const started = await startEngine(accessKey.trim(), keyword);
if (!started.ok) say({ state: started.state, text: started.text });
else {
  const { engine } = started;
  const sound = listen(engine.frameLength, new AbortController().signal);
  for (let listening = false; ; ) {
    const next = await sound.next();
    if (next.done === true) {
      say({ state: 'no-microphone', text: next.value.text });
      break;
    }
    if (!listening) say({ state: 'listening', text: keyword });
    listening = true;
    if (engine.process(next.value)) say({ heard: keyword });
  }
  engine.release();
}
