// A value as it may stand in a message or a log: short, on one line, without passwords.

const charactersMax = 40;
const secretKey = /pass|secret|token|key$/i;

export interface Shown {
  readonly vi: string;
  readonly en: string;
}

/** `key` is the name the value stands under. */
export function shown(value: unknown, key: PropertyKey | undefined): Shown {
  if (Array.isArray(value)) return { vi: `danh sách ${value.length} mục`, en: `a list of ${value.length}` };
  if (value === null) return { vi: 'để trống', en: 'empty' };
  if (typeof value === 'object') return { vi: 'một nhóm khóa', en: 'a group of keys' };
  if (typeof value !== 'string') return same(String(value));
  if (typeof key === 'string' && secretKey.test(key))
    return { vi: 'chữ đã ghi (không hiện ở đây)', en: 'the text given (not shown)' };
  const text = redacted(value);
  return same(JSON.stringify(text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text));
}

const same = (text: string): Shown => ({ vi: text, en: text });

/** `rtsp://admin:pw@host/1` becomes `rtsp://***@host/1`. Everything before the last @ goes: passwords may hold @ and /. */
export function redacted(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/*)?.*@/is, (_all, scheme: string | undefined) => `${scheme ?? ''}***@`);
}
