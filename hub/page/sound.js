// The alarm's sound, made here: two notes, and a third, more urgent pattern when nobody has come for three minutes.
const made = { context: undefined };

/** A browser lets a page be heard only after a hand has touched it. */
export function allowSound() {
  made.context ??= new AudioContext();
  if (made.context.state === 'suspended') void made.context.resume();
}

export const mayRing = () => made.context?.state === 'running';

export function ring(urgent) {
  const { context } = made;
  if (!mayRing()) return;
  const notes = urgent ? [988, 740, 988, 740, 988, 740] : [784, 988, 784, 988];
  for (const [index, pitch] of notes.entries()) {
    const start = context.currentTime + index * 0.22;
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.type = 'triangle';
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(0.5, start + 0.02);
    level.gain.setTargetAtTime(0, start + 0.14, 0.03);
    tone.connect(level).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.24);
  }
}

const resoundMs = 60_000;

/** When to sound: at once for an alarm that was not known, again each minute while one waits. Returns what to remember. */
export function soundFor(alarms, before, nowMs, escalateMs) {
  const keys = alarms.map(({ node, head }) => `${node}/${head}`);
  const isNew = keys.some((key) => !before.keys.includes(key));
  const isDue = keys.length > 0 && nowMs - before.rangMs >= resoundMs;
  const urgent = alarms.some(({ alarmMs }) => nowMs - alarmMs > escalateMs);
  const turnedUrgent = urgent && !before.urgent;
  const rings = isNew || isDue || turnedUrgent;
  return { keys, urgent, rings, rangMs: rings ? nowMs : before.rangMs };
}
