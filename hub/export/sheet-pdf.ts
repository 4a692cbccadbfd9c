// The sheet as PDF/A4. DejaVu, as Debian's fonts-dejavu-core brings it, has every letter of Vietnamese and is embedded.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type PDFDocument from 'pdfkit';
import { type Block, blocks, type Sheet } from './sheet.ts';

const folder = '/usr/share/fonts/truetype/dejavu';
const fonts = {
  plain: join(folder, 'DejaVuSans.ttf'),
  bold: join(folder, 'DejaVuSans-Bold.ttf'),
  mono: join(folder, 'DejaVuSansMono.ttf'),
} as const;

const margin = 50;
const nameWidth = 130;

/** Undefined where the fonts are not installed: the HTML says the same. */
export async function sheetPdf(sheet: Sheet): Promise<Uint8Array | undefined> {
  if (!Object.values(fonts).every((path) => existsSync(path))) return undefined;
  // 26 MB, which a hub that never exports does not pay.
  const { default: Document } = await import('pdfkit');
  const info = { Title: 'Biên bản trích xuất dữ liệu điện tử', CreationDate: new Date(sheet.atMs) };
  const doc = new Document({ size: 'A4', margin, bufferPages: true, lang: 'vi', info });
  for (const [name, path] of Object.entries(fonts)) doc.registerFont(name, path);
  const pieces: Buffer[] = [];
  doc.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve, reject) => doc.once('end', resolve).once('error', reject));
  for (const block of blocks(sheet)) draw(doc, block);
  numberPages(doc);
  doc.end();
  await ended;
  return Buffer.concat(pieces);
}

type Doc = InstanceType<typeof PDFDocument>;
const widthOf = (doc: Doc): number => doc.page.width - 2 * margin;
const bottomOf = (doc: Doc): number => doc.page.height - margin - 15;

function draw(doc: Doc, block: Block): void {
  switch (block.is) {
    case 'centre':
      doc.font('bold').fontSize(10.5).text(block.text, { align: 'center' }).moveDown(0.8);
      return;
    case 'title':
      doc.font('bold').fontSize(14).text(block.text, { align: 'center' }).moveDown(0.8);
      return;
    case 'heading':
      room(doc, 60);
      doc.moveDown(0.5).font('bold').fontSize(10.5).text(block.text).moveDown(0.2);
      return;
    case 'text':
      doc.font('plain').fontSize(9.5).text(block.text, { lineGap: 1.5 }).moveDown(0.3);
      return;
    case 'facts':
      for (const row of block.rows) fact(doc, row);
      doc.moveDown(0.3);
      return;
    case 'values':
      for (const { name, value } of block.rows) {
        room(doc, 28);
        doc.font('plain').fontSize(9).text(name);
        doc.font('mono').fontSize(8.5).text(value, { indent: 10 }).moveDown(0.25);
      }
      return;
    case 'signatures':
      signatures(doc, block.names);
  }
}

/** Begins a new page where less is left on this one. */
function room(doc: Doc, height: number): void {
  if (doc.y + height > bottomOf(doc)) doc.addPage();
}

function fact(doc: Doc, [name, value]: readonly [string, string]): void {
  const width = widthOf(doc) - nameWidth;
  doc.font('plain').fontSize(9.5);
  const height =
    Math.max(doc.heightOfString(name, { width: nameWidth - 10 }), doc.heightOfString(value, { width: width - 10 })) + 6;
  room(doc, height);
  const top = doc.y;
  doc.lineWidth(0.5).strokeColor('#999999');
  doc
    .rect(margin, top, nameWidth, height)
    .rect(margin + nameWidth, top, width, height)
    .stroke();
  doc.fillColor('black').text(name, margin + 5, top + 3, { width: nameWidth - 10 });
  doc.text(value, margin + nameWidth + 5, top + 3, { width: width - 10 });
  doc.x = margin;
  doc.y = top + height;
}

function signatures(doc: Doc, names: readonly string[]): void {
  room(doc, 130);
  doc.moveDown(1.5);
  const top = doc.y;
  const width = widthOf(doc) / names.length;
  for (const [place, name] of names.entries()) {
    const x = margin + place * width;
    doc.font('bold').fontSize(9.5).text(name, x, top, { width, align: 'center' });
    doc
      .font('plain')
      .fontSize(8.5)
      .text('(ký, ghi rõ họ tên)', x, top + 14, { width, align: 'center' });
  }
}

function numberPages(doc: Doc): void {
  const { count } = doc.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    doc.switchToPage(page);
    // Below the margin: without this the line would begin a page of its own.
    doc.page.margins.bottom = 0;
    const at = { width: widthOf(doc), align: 'center', lineBreak: false } as const;
    doc
      .font('plain')
      .fontSize(8)
      .text(`Trang ${page + 1}/${count}`, margin, doc.page.height - 35, at);
  }
}
