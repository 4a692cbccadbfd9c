// Handing over as evidence: the hub writes who, why and under which number before the first byte leaves.
import { html } from './html.js';
import { change, state } from './state.js';

/** `number` is what the hub calls the field; `more` goes with it. */
export function TakeOut({ say, id, path, number, more = {} }) {
  const send = async (submitted) => {
    submitted.preventDefault();
    const told = Object.fromEntries(new FormData(submitted.target));
    change({ takenOut: { id, told: '…' } });
    try {
      const answer = await fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf': state.me.csrf },
        body: JSON.stringify({ ...more, ...told }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'export.zip';
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await answer.blob());
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      change({ takenOut: { id, told: say.exported(name) } });
    } catch {
      change({ takenOut: { id, told: say.notExported } });
    }
  };
  return html`
    <form class="grid no-print" onSubmit=${send}>
      <label class="field"><span>${number === 'case' ? say.caseNumber : say.exportNumber}</span><input name=${number} required maxlength="80" /></label>
      <label class="field"><span>${say.exportReason}</span><input name="reason" required maxlength="1000" /></label>
      <button class="primary">${say.export}</button>
      <p role="status">${state.takenOut?.id === id ? state.takenOut.told : ''}</p>
    </form>
  `;
}
