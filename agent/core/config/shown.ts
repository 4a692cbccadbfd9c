// A value as it may stand in a message or a log: short, on one line, without passwords.

const charactersMax = 40;
const secretKey = /pass|secret|token|key$/i;

/** `key` is the name the value stands under. */
export function shown(value: unknown, key: PropertyKey | undefined): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'empty';
  if (typeof value === 'object') return 'a group of keys';
  if (typeof value !== 'string') return String(value);
  if (typeof key === 'string' && secretKey.test(key)) return 'the text given (not shown)';
  const text = redacted(value);
  return JSON.stringify(text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text);
}

/** `rtsp://admin:pw@host/1` becomes `rtsp://***@host/1`. Everything before the last @ goes: passwords may hold @ and /. */
export function redacted(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/*)?.*@/is, (_all, scheme: string | undefined) => `${scheme ?? ''}***@`);
}
