// Cuts a stream of JPEGs laid end to end (MJPEG) into whole pictures. It walks the markers (ITU T.81, B.1.1), so an end marker inside a thumbnail does not end
// the picture. Bytes between pictures are passed over.
import { jpegBytesMax } from './bounds.ts';

export interface JpegSplitter {
  /** Whole pictures that this chunk completes, each in bytes of its own. */
  push(chunk: Uint8Array): readonly Uint8Array[];
}

const startBytes = 128 * 1024;
const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;
/** Markers without a length behind them: TEM, RST0 to RST7, SOI, EOI. */
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

export function jpegSplitter(): JpegSplitter {
  let held = Buffer.allocUnsafeSlow(startBytes);
  let filled = 0;
  /** Everything before this has been looked at. */
  let at = 0;
  let part: 'before' | 'markers' | 'scan' | 'ended' = 'before';

  const keep = (chunk: Uint8Array) => {
    if (filled + chunk.length > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(held.length * 2, filled + chunk.length));
      held.copy(larger, 0, 0, filled);
      held = larger;
    }
    held.set(chunk, filled);
    filled += chunk.length;
  };
  const forget = (bytes: number) => {
    held.copyWithin(0, bytes, filled);
    filled -= bytes;
    at = 0;
    part = 'before';
  };

  /** One step on; false when more bytes are needed. */
  const step = (): boolean => {
    if (part === 'before') {
      const start = held.subarray(0, filled).indexOf('ffd8', 0, 'hex');
      if (start < 0) {
        // The last byte may be the first half of a start marker.
        forget(Math.max(0, filled - 1));
        return false;
      }
      forget(start);
      at = 2;
      part = 'markers';
      return true;
    }
    if (part === 'scan') {
      const next = held.subarray(0, filled).indexOf(0xff, at);
      if (next < 0 || next + 1 >= filled) {
        at = next < 0 ? filled : next;
        return false;
      }
      const marker = held.readUInt8(next + 1);
      const isData = marker === 0 || (marker >= 0xd0 && marker <= 0xd7);
      at = next + (isData ? 2 : 0);
      if (!isData) part = 'markers';
      return true;
    }
    return overMarker();
  };

  const overMarker = (): boolean => {
    if (at + 2 > filled) return false;
    const marker = held.readUInt8(at + 1);
    if (held.readUInt8(at) !== 0xff || marker === soi) {
      // Not a JPEG after all: look for the next start behind this one.
      forget(2);
      return true;
    }
    if (marker === 0xff) at += 1;
    else if (standsAlone(marker)) {
      at += 2;
      if (marker === eoi) part = 'ended';
    } else {
      if (at + 4 > filled) return false;
      const length = held.readUInt16BE(at + 2);
      if (at + 2 + length > filled) return false;
      at += 2 + length;
      if (marker === sos) part = 'scan';
    }
    return true;
  };

  return {
    push: (chunk) => {
      const pictures: Uint8Array[] = [];
      keep(chunk);
      while (step()) {
        if (part !== 'ended') continue;
        pictures.push(Buffer.from(held.subarray(0, at)));
        forget(at);
      }
      if (filled > jpegBytesMax) forget(filled);
      return pictures;
    },
  };
}
