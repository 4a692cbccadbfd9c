// Root's part of the pins, once at start (matlang-pins.service): the lines that the configuration names are exported and given to the group gpio, so that the
// recorder needs no right to make others. It never fails the start: without pins a node still records.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { disk } from '../../hal/disk.ts';
import { exportPins } from '../../hal/pins/export.ts';
import { loadConfig } from '../config-file.ts';
import { outputPins } from '../core/config/pins-schema.ts';
import { enter } from '../door.ts';
import { openLog } from '../log.ts';

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error('--config FILE is required');
  const log = openLog('pins');
  const { config } = await loadConfig(disk, values.config, 'read-only');
  const inputs = config.pins.inputs.map(({ pin }) => pin);
  const outputs = outputPins(config.pins);
  if (config.pins.simDir !== null || inputs.length + outputs.length === 0) return log('info', 'no pins to export');
  const exported = await exportPins('/sys', { inputs, outputs }, await groupId('gpio'));
  if (exported.ok) log('info', 'pins exported', { pins: exported.text });
  else log('warn', 'pins not exported', { why: exported.why, text: exported.text });
}

/** group(5): name, password, number, members. */
async function groupId(name: string): Promise<number | undefined> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const row = text.split('\n').find((line) => line.startsWith(`${name}:`));
  return row === undefined ? undefined : Number(row.split(':')[2]);
}

if (import.meta.main) await enter('pins', main);
