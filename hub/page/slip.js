// The photo slip for a patrol: one still, with its number, who made it and when written over the picture, to print or to send.
import { html } from './html.js';
import { Modal } from './modal.js';
import { can, change, post, state } from './state.js';
import { dateOf, timeOfDay } from './time.js';

export function AskSlip({ event, say }) {
  if (!can('slip') || event.still === null) return null;
  const key = `${event.node}/${event.id}`;
  const make = async (submitted) => {
    submitted.preventDefault();
    const { purpose } = Object.fromEntries(new FormData(submitted.target));
    const made = await post('/api/slips', { node: event.node, id: event.id, reason: purpose }).catch(() => undefined);
    if (made === undefined) return change({ slipFault: key });
    const asked = submitted.target.closest('details');
    asked.open = false;
    // There the focus is again when the slip is closed.
    asked.querySelector('summary').focus();
    change({ slip: made, slipFault: undefined });
  };
  return html`
    <details class="ask-slip" key=${`slip ${key}`}>
      <summary>${say.slip.ask}</summary>
      <form class="grid" onSubmit=${make}>
        <label class="field"><span>${say.slip.reason}</span><input name="purpose" required maxlength="200" autocomplete="off" /></label>
        <button class="more">${say.slip.make}</button>
        <p role="alert">${state.slipFault === key ? say.notSaved : ''}</p>
      </form>
    </details>
  `;
}

export function Slip({ say }) {
  const { number, atMs, by, reason, event } = state.slip;
  const point = state.points[event.node] ?? {};
  const rows = [
    [say.time, `${timeOfDay(event.atMs)} ${dateOf(event.atMs)}`],
    [say.slip.where, [event.title, point.hamlet].filter(Boolean).join(' · ')],
    [say.trigger, say.triggers[event.trigger] ?? event.trigger],
    [say.slip.reason, reason],
    [say.slip.by, `${by}, ${timeOfDay(atMs)} ${dateOf(atMs)}`],
  ];
  const mark = say.slip.mark(number, by, `${timeOfDay(atMs)} ${dateOf(atMs)}`);
  return html`
    <${Modal} name="slip-veil" label=${say.slip.title(number)} close=${close}>
      <article class="slip">
        <div class="slip-head"><h2>${say.slip.title(number)}</h2>
          <div class="no-print">
            <button type="button" class="primary" onClick=${() => print()}>${say.slip.print}</button>
            <button type="button" class="more" onClick=${() => save(number)}>${say.slip.save}</button>
            <button type="button" class="more" onClick=${close}>${say.slip.close} <kbd>Esc</kbd></button>
          </div>
        </div>
        <canvas id="slip" role="img" aria-label=${`${event.title}, ${timeOfDay(event.atMs)}`} ref=${(canvas) => canvas !== null && draw(canvas, event.still, mark)}></canvas>
        <dl class="figures">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
        <p class="quiet">${say.slip.rule}</p>
      </article>
    </${Modal}>
  `;
}

const close = () => change({ slip: undefined });

/** Once for each slip. The mark lies over all of the picture, so that no piece of it is without. */
async function draw(canvas, still, mark) {
  if (canvas.dataset.of === still) return;
  canvas.dataset.of = still;
  const picture = new Image();
  picture.src = still;
  await picture.decode();
  const { naturalWidth: width, naturalHeight: height } = picture;
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const letter = Math.max(11, Math.round(height / 26));
  Object.assign(pen, {
    font: `600 ${letter}px sans-serif`,
    fillStyle: 'rgb(255 255 255 / 42%)',
    textBaseline: 'middle',
  });
  Object.assign(pen, { strokeStyle: 'rgb(0 0 0 / 36%)', lineWidth: letter / 9 });
  pen.rotate(-Math.PI / 10);
  const step = pen.measureText(mark).width + letter * 3;
  for (let row = 0, y = 0; y < height + width / 2; row += 1, y += letter * 5)
    for (let x = -width / 2 - (row % 2) * (step / 2); x < width * 1.2; x += step) {
      pen.strokeText(mark, x, y);
      pen.fillText(mark, x, y);
    }
  canvas.dataset.marked = mark;
}

function save(number) {
  document.getElementById('slip').toBlob(
    (jpeg) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(jpeg);
      link.download = `phieu-anh-${number}.jpg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    'image/jpeg',
    0.9,
  );
}
