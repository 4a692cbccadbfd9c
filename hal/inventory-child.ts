// Writes the board's inventory to stdout as JSON and ends. Started by inventory.ts.
import { cpu, diskLayout, mem, osInfo, system } from 'systeminformation';
import type { Inventory } from './inventory.ts';

const [board, os, processor, memory, disks] = await Promise.all([system(), osInfo(), cpu(), mem(), diskLayout()]);
const inventory: Inventory = {
  model: [board.manufacturer, board.model].filter((word) => word !== '').join(' '),
  system: `${os.distro} ${os.release}`.trim(),
  kernel: os.kernel,
  arch: os.arch,
  cpu: `${processor.manufacturer} ${processor.brand}`.trim(),
  cores: processor.cores,
  memoryBytes: memory.total,
  disks: disks.slice(0, 16).map((disk) => ({ name: disk.name || disk.device, type: disk.type, bytes: disk.size })),
};
process.stdout.write(JSON.stringify(inventory));
