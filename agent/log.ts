// What a process of the agent says about itself: one JSON object a line on stderr (systemd's journal takes it from there).
import pino from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** `event` is a fixed phrase to search for; figures and texts stand in `fields`. Never throws. */
export type Log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** `process` names who speaks. Written synchronously, so that a last word before an exit is not lost. */
export function openLog(process: string, level: LogLevel = 'info'): Log {
  const logger = pino({ level, base: { process }, messageKey: 'event' }, pino.destination({ fd: 2, sync: true }));
  return (at, event, fields = {}) => logger[at](fields, event);
}
