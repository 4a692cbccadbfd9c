// The month on one page, to print: counts, uptime, how alarms were answered. No pictures.
import { html } from './html.js';
import { ask, change, go, nowMs, state } from './state.js';
import { dateOf, isoDay, span } from './time.js';

const monthOf = (ms) => isoDay(ms).slice(0, 7);
const shift = (month, by) => {
  const [year, which] = month.split('-').map(Number);
  const at = year * 12 + which - 1 + by;
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
};

export function Report({ say }) {
  const now = monthOf(nowMs());
  const month = /^20\d\d-\d\d$/.test(state.at.month ?? '') ? state.at.month : now;
  if (state.report?.month !== month) void load(month);
  const told = state.report?.told;
  return html`
    <article class="sheet report print">
      <div class="case-head">
        <div><h2>${say.reportTitle(month.split('-').reverse().join('/'))}</h2><p class="quiet">${say.reportWhy}</p></div>
        <div class="band-head no-print">
          <button type="button" aria-label=${say.monthBefore} title=${say.monthBefore} onClick=${() => go('report', { month: shift(month, -1) })}>‹</button>
          <button type="button" aria-label=${say.monthAfter} title=${say.monthAfter} disabled=${month >= now} onClick=${() => go('report', { month: shift(month, 1) })}>›</button>
          <button type="button" class="more" onClick=${() => print()}>${say.printReport}</button>
        </div>
      </div>
      ${told ? html`<${Figures} told=${told} say=${say} /><${Nodes} told=${told} say=${say} />` : html`<p role="status">…</p>`}
      ${told && html`<p class="quiet">${say.reportMade(dateOf(nowMs()))}</p>`}
      <div class="signs only-print"><p>${say.sheetFrom}<small>${say.signHere}</small></p><p>${say.reportTo}<small>${say.signAndSeal}</small></p></div>
    </article>
  `;
}

async function load(month) {
  state.report = { month };
  const told = await ask(`/api/report?month=${month}`).catch(() => undefined);
  if (told !== undefined && state.report?.month === month) change({ report: { month, told } });
}

const sum = (nodes, of) => nodes.reduce((all, node) => all + of(node), 0);
/** At work and seeing, of the minutes that have come. */
const seen = ({ minutes }) => minutes.recording + minutes.buffering + minutes.watching;
const come = ({ minutes }) => seen({ minutes }) + minutes.blind + minutes.offline;
const share = (part, whole) =>
  whole === 0
    ? '–'
    : `${new Intl.NumberFormat(state.language, { maximumFractionDigits: 1 }).format((100 * part) / whole)} %`;

function Figures({ told, say }) {
  const { nodes, outcomes, medianAnswerMs, waiting, casesOpened, exports, retention } = told;
  const answered = sum(nodes, (node) => node.answered);
  const rows = [
    [say.nodes, nodes.length],
    [say.upShare, share(sum(nodes, seen), sum(nodes, come))],
    [say.alarm, sum(nodes, ({ alarms }) => alarms)],
    [say.events, sum(nodes, ({ events }) => events)],
    [say.unanswered, waiting],
    [say.medianAnswer, medianAnswerMs === null ? '–' : span(medianAnswerMs, say)],
    [say.falseShare, share(outcomes.false ?? 0, answered)],
    [say.casesOpened, casesOpened],
    [say.exportsMade, exports],
    [say.kept, retention === null ? say.keptForever : say.keptDays(retention.alarmDays, retention.eventDays)],
  ];
  return html`<dl class="figures">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <p>${Object.entries(outcomes).map(([outcome, count]) => html`<span class="chip" key=${outcome}>${say.outcomes[outcome] ?? outcome} <b>${count}</b></span>`)}</p>`;
}

function Nodes({ told, say }) {
  const hours = (minutes) => (minutes === 0 ? '–' : say.hoursMinutes(minutes));
  return html`
    <table>
      <thead><tr><th scope="col">${say.nodes}</th><th scope="col">${say.hamlet}</th><th scope="col">${say.upShare}</th><th scope="col">${say.minuteStates.blind}</th><th scope="col">${say.minuteStates.offline}</th><th scope="col">${say.alarm}</th><th scope="col">${say.events}</th><th scope="col">${say.falseShare}</th></tr></thead>
      <tbody>
        ${told.nodes.map(
          (node) =>
            html`<tr key=${node.node}><th scope="row">${node.title}</th><td>${node.hamlet}</td><td class="num"><svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="8" /><rect class="recording" width=${(100 * seen(node)) / Math.max(1, come(node))} height="8" /></svg>${share(seen(node), come(node))}</td><td class="num">${hours(node.minutes.blind)}</td><td class="num">${hours(node.minutes.offline)}</td><td class="num">${node.alarms}</td><td class="num">${node.events}</td><td class="num">${share(node.wrong, node.answered)}</td></tr>`,
        )}
      </tbody>
    </table>
  `;
}
