// The sheet as one HTML file without anything from elsewhere: it opens and prints anywhere.
import { type Block, blocks, type Sheet } from './sheet.ts';

const style = `
body { font: 11pt/1.45 "DejaVu Sans", "Times New Roman", serif; max-width: 18cm; margin: 1.5cm auto; color: #000; background: #fff }
h1 { font-size: 15pt; text-align: center; margin: 1em 0 } h2 { font-size: 11.5pt; margin: 1.2em 0 .3em }
.centre { text-align: center; font-weight: bold; white-space: pre-line } table { border-collapse: collapse; width: 100%; margin: .4em 0 }
td { border: 1px solid #999; padding: .2em .5em; vertical-align: top } td:first-child { width: 28% }
dt { margin-top: .4em } dd { margin: 0; font: 9.5pt "DejaVu Sans Mono", monospace; word-break: break-all }
.sign { display: flex; justify-content: space-between; margin-top: 2em; text-align: center } .sign div { width: 32%; min-height: 3.5cm }
@page { size: A4; margin: 1.6cm }`;

export function sheetHtml(sheet: Sheet): string {
  const body = blocks(sheet).map(html).join('\n');
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Biên bản trích xuất dữ liệu điện tử</title><style>${style}</style></head>
<body>
${body}
</body></html>
`;
}

function html(block: Block): string {
  switch (block.is) {
    case 'title':
      return `<h1>${safe(block.text)}</h1>`;
    case 'heading':
      return `<h2>${safe(block.text)}</h2>`;
    case 'centre':
      return `<p class="centre">${safe(block.text)}</p>`;
    case 'text':
      return `<p>${safe(block.text)}</p>`;
    case 'facts':
      return `<table>${block.rows.map(([name, value]) => `<tr><td>${safe(name)}</td><td>${safe(value)}</td></tr>`).join('')}</table>`;
    case 'values':
      return `<dl>${block.rows.map(({ name, value }) => `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`).join('')}</dl>`;
    case 'signatures':
      return `<div class="sign">${block.names.map((name) => `<div><b>${safe(name)}</b><br><i>(ký, ghi rõ họ tên)</i></div>`).join('')}</div>`;
  }
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
