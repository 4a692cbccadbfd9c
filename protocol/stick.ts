// A stick between a node and its hub. Names are lower case and short enough for FAT; a folder holds at most a thousand files, because FAT32's
// folders end at 65,536 entries of which a long name takes seven.
//
//   matlang/<commune>/<node>/0/000017.9f3a2c1d-r0003/000017.9f3a2c1d-0000003042-event-….rec     0 to 5: the drain class
//   matlang/<commune>/<node>/receipts/<16 digits of its hash>.jws                               what the hub has, signed
import type { DrainClass } from './manifest.ts';
import type { FileName } from './record-file.ts';

export const stickRoot = 'matlang';
export const stickReceipts = 'receipts';
const filesInFolder = 1000;

/** From a node's folder on. Records and segments apart: both are counted from 0. */
export function stickFolder(drainClass: DrainClass, file: FileName): string {
  const [sort, number] = file.is === 'record' ? ['r', file.seq] : ['s', file.seg];
  return `${drainClass}/${file.boot}-${sort}${String(Math.floor(number / filesInFolder)).padStart(4, '0')}`;
}
