// The words of the gpiod tools: versions 1 (Raspberry Pi OS bookworm) and 2 (trixie) take other options and number edges in another way.
import { headerLabels } from './chip.ts';

export type ToolsVersion = 1 | 2;
type Wired = { readonly pin: number; readonly activeLow: boolean };

/** From `gpiodetect --version`: "gpiodetect (libgpiod) v1.6.3". */
export function toolsVersion(text: string): ToolsVersion | undefined {
  const major = /\(libgpiod\) v(\d+)\./.exec(text)?.[1];
  return major === '1' ? 1 : major === '2' ? 2 : undefined;
}

/** From the list that `gpiodetect` prints: `gpiochip0 [pinctrl-bcm2711] (58 lines)`. `seen` names the chips that are none. */
export function headerChip(text: string): { readonly chip: string | undefined; readonly seen: readonly string[] } {
  const rows = [...text.matchAll(/^(\S+) \[(.*)\] \(\d+ lines\)$/gm)].map(([, chip = '', label = '']) => ({
    chip,
    label,
  }));
  const found = rows.find(({ label }) => headerLabels.includes(label));
  return { chip: found?.chip, seen: rows.map(({ label }) => label) };
}

/** A contact to ground is held up by the board's own resistor, one to 3.3 V down: one call can set one of them only. */
export const biasOf = ({ activeLow }: Wired): 'pull-up' | 'pull-down' => (activeLow ? 'pull-up' : 'pull-down');

const place = (version: ToolsVersion, chip: string): readonly string[] => (version === 1 ? [chip] : [`--chip=${chip}`]);

/** Prints the levels in the order asked, `1 0`. All pins have the same bias. */
export function readArgs(version: ToolsVersion, chip: string, bias: string, pins: readonly number[]): string[] {
  const numeric = version === 1 ? [] : ['--numeric'];
  return ['gpioget', `--bias=${bias}`, ...numeric, ...place(version, chip), ...pins.map(String)];
}

/** One line an edge: the pin's number, which way it went, and the kernel's time of it, for `readEdge`. */
export function monitorArgs(version: ToolsVersion, chip: string, bias: string, pins: readonly number[]): string[] {
  // Version 2 flushes each line by itself and has no such option.
  const [buffered, format] = version === 1 ? [['--line-buffered'], '%o %e %s %n'] : [[], '%o %e %S'];
  return ['gpiomon', `--bias=${bias}`, ...buffered, `--format=${format}`, ...place(version, chip), ...pins.map(String)];
}

/** Holds the level until it is ended; then the kernel takes the line back. */
export function holdArgs(version: ToolsVersion, chip: string, pin: number, on: boolean): string[] {
  const hold = version === 1 ? ['--mode=signal'] : [];
  return ['gpioset', ...hold, ...place(version, chip), `${pin}=${on ? 1 : 0}`];
}

/** Version 1 says 0 falling, 1 rising, and nanoseconds as a word of their own; version 2 says 1 rising, 2 falling, and seconds with nine places. Undefined for what is no edge. */
export function readEdge(
  version: ToolsVersion,
  line: string,
): { readonly pin: number; readonly high: boolean; readonly atMs: number } | undefined {
  const [, pin, edge, seconds, nanos] = /^\s*(\d{1,3}) ([012]) (\d+)[ .](\d{1,9})\s*$/.exec(line) ?? [];
  if (pin === undefined || edge === undefined || edge === (version === 1 ? '2' : '0')) return undefined;
  return { pin: Number(pin), high: edge === '1', atMs: Number(seconds) * 1000 + Number(nanos) / 1e6 };
}

/** What `gpioget` printed: levels in the order asked. Undefined when it is not `count` levels. */
export function readLevels(text: string, count: number): readonly boolean[] | undefined {
  const levels = text.trim().split(/\s+/);
  return levels.length === count && levels.every((level) => level === '0' || level === '1')
    ? levels.map((level) => level === '1')
    : undefined;
}
