// Hand-over: the shift on one page, two names, a sheet to print and sign.
import { html } from './html.js';
import { ask, change, post, state } from './state.js';
import { dateOf, shortTime } from './time.js';

export function Shift({ say }) {
  const { shift } = state;
  if (shift === undefined) {
    state.shift = null;
    ask('/api/shift').then(
      (told) => change({ shift: told }),
      () => undefined,
    );
  }
  if (!shift) return html`<p class="empty" role="status">…</p>`;
  const send = async (event) => {
    event.preventDefault();
    const { handovers } = await post('/api/shift', Object.fromEntries(new FormData(event.target)));
    change({ shift: { ...shift, handovers, done: true } });
  };
  const shown = shift.done ? shift.handovers[0] : { summary: shift.now, giver: state.me.fullName, taker: '', note: '' };
  return html`
    <article class="sheet print">
      <h2>${say.handoverTitle}</h2>
      <${Figures} summary=${shown.summary} say=${say} />
      ${
        shift.done
          ? html`${shown.note && html`<p>${say.note}: ${shown.note}</p>`}<div class="signs"><p>${say.giver}<small class="only-print">${say.signHere}</small><strong>${shown.giver}</strong></p><p>${say.taker}<small class="only-print">${say.signHere}</small><strong>${shown.taker}</strong></p></div>
            <button type="button" class="primary no-print" onClick=${() => print()}>${say.print}</button>`
          : html`<form class="grid no-print" onSubmit=${send}>
            <label class="field"><span>${say.giver}</span><input name="giver" required maxlength="80" defaultValue=${shown.giver} /></label>
            <label class="field"><span>${say.taker}</span><input name="taker" required maxlength="80" /></label>
            <label class="field wide"><span>${say.note}</span><input name="note" maxlength="1000" /></label>
            <button class="primary">${say.handOver}</button>
          </form>`
      }
    </article>
    <section class="sheet no-print">
      <h2>${say.lastHandovers}</h2>
      ${shift.handovers.length === 0 && html`<p class="quiet">${say.noHandovers}</p>`}
      <ul class="lines">${shift.handovers.map((each) => html`<li key=${each.id}><time>${shortTime(each.atMs)} ${dateOf(each.atMs)}</time><span>${each.giver} → ${each.taker}</span><span class="quiet">${say.queueCounts(each.summary.alarms, each.summary.events)}${each.note && ` · ${each.note}`}</span></li>`)}</ul>
    </section>
  `;
}

function Figures({ summary, say }) {
  const { sinceMs, untilMs, alarms, events, waiting, outcomes, nodes, offline } = summary;
  const rows = [
    [say.time, `${shortTime(sinceMs)} ${dateOf(sinceMs)} – ${shortTime(untilMs)} ${dateOf(untilMs)}`],
    [say.alarm, alarms],
    [say.events, events],
    [say.unanswered, waiting],
    ...Object.entries(outcomes).map(([outcome, count]) => [say.outcomes[outcome] ?? outcome, count]),
  ];
  return html`<dl class="figures">
    ${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
    <div class="wide"><dt>${say.nodes}</dt><dd>${say.wallSummary(nodes - offline.length, nodes)}</dd>${offline.length > 0 && html`<dd class="names">${say.offlineNow}: ${offline.join(', ')}</dd>`}</div>
  </dl>`;
}
