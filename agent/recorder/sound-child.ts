// Listens to the microphone in a process of its own: for bangs, and for a keyword where an engine for it can be had. Sound passes through and is kept nowhere.
// Argument: the rules as JSON (hal/sound.ts). Says on stdout, one JSON a line, what became of each ear, and what was heard.
import { readFile } from 'node:fs/promises';
import { listen } from '../../hal/microphone.ts';
import type { SoundRules, SoundWords } from '../../hal/sound.ts';
import { startEngine, type VoiceEngine } from '../../hal/voice-engine.ts';
import { createBangDetector } from '../core/bang.ts';

// Written by our own parent a moment ago, in this shape.
const rules = JSON.parse(process.argv[2] ?? '{}') as Pick<SoundRules, 'keyword' | 'bang'>;
const say = (words: SoundWords) => process.stdout.write(`${JSON.stringify(words)}\n`);

const engine = rules.keyword === undefined ? undefined : await startKeyword(rules.keyword);
const detector = rules.bang === undefined ? undefined : createBangDetector(rules.bang);
if (engine !== undefined || detector !== undefined) await hear();
engine?.release();

async function startKeyword(wanted: NonNullable<SoundRules['keyword']>): Promise<VoiceEngine | undefined> {
  const { accessKeyFile, keyword } = wanted;
  const accessKey = accessKeyFile === '' ? '' : await readFile(accessKeyFile, 'utf8').catch(() => '');
  const started = await startEngine(accessKey.trim(), keyword);
  if (started.ok) return started.engine;
  say({ of: 'keyword', state: started.state, text: started.text });
  return undefined;
}

async function hear(): Promise<void> {
  // Any length will do for bangs.
  const sound = listen(engine?.frameLength ?? 512, new AbortController().signal);
  const keyword = rules.keyword?.keyword ?? '';
  const tell = (state: 'listening' | 'no-microphone', text: string) => {
    if (engine !== undefined) say({ of: 'keyword', state, text: state === 'listening' ? keyword : text });
    if (detector !== undefined) say({ of: 'bang', state, text });
  };
  for (let listening = false; ; listening = true) {
    const next = await sound.next();
    if (next.done === true) return tell('no-microphone', next.value.text);
    if (!listening) tell('listening', `${rules.bang?.levelDb} dB, ${rules.bang?.riseMs} ms`);
    if (engine?.process(next.value) === true) say({ heard: 'keyword', text: `keyword "${keyword}" heard` });
    for (const { peakDb, riseDb, fallDb } of detector?.hear(next.value) ?? []) {
      const figures = `${peakDb.toFixed(0)} dB, ${riseDb.toFixed(0)} dB above before, ${fallDb.toFixed(0)} dB down after 0.25 s`;
      say({ heard: 'bang', text: `bang: ${figures}` });
    }
  }
}
