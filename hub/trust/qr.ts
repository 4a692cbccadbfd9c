// A ticket or a key as a QR code: on a terminal, or as a picture to print.
import { renderSVG, renderUnicodeCompact } from 'uqr';

/** White modules around it, as scanners want (ISO/IEC 18004, 7.3.8). */
const border = 4;

export const qrText = (text: string): string => renderUnicodeCompact(text, { border: 2 });
export const qrSvg = (text: string): string => renderSVG(text, { border });
