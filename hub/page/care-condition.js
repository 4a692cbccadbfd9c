// How a node is, in figures and over time.
import { loadCare } from './care-draft.js';
import { html } from './html.js';
import { Mark } from './icons.js';
import { Plot } from './plot.js';
import { ask, change, nowMs, state } from './state.js';
import { dateOf, shortTime, span } from './time.js';
import { faultWords } from './words.js';

const gib = 2 ** 30;
const mib = 2 ** 20;
const historyEveryMs = 300_000;
const toldEveryMs = 10_000;

export function Condition({ node, care, say }) {
  const words = say.care;
  const vitals = care.told?.vitals;
  const hours = care.hours ?? 24;
  const history = care.history?.hours === hours ? care.history : undefined;
  if (care.told !== undefined && (history === undefined || nowMs() - history.nowMs > historyEveryMs))
    void loadHistory(node.node, hours);
  if (care.told === undefined) return html`<p class="empty" role="status">…</p>`;
  if (nowMs() - care.toldMs > toldEveryMs) {
    care.toldMs = nowMs();
    void loadCare(node.node);
  }
  if (vitals === null) return html`<p class="empty">${words.never}</p>`;
  return html`
    ${node.state !== 'online' && html`<p class="banner" role="status">${words.offline}</p>`}
    <${Faults} node=${node} say=${say} />
    <${Update} update=${care.told.update} say=${say} />
    <dl class="figures">${figuresOf(care.told, history, say).map(([name, value, isBad]) => html`<div key=${name} class=${isBad ? 'bad' : ''}><dt>${words.figures[name]}</dt><dd>${value}</dd></div>`)}</dl>
    <div class="section-head">
      <div class="languages" role="group">
        ${[24, 168].map((each) => html`<button key=${each} type="button" aria-pressed=${String(each === hours)} onClick=${() => change({ care: { ...state.care, hours: each } })}>${words.hours[each]}</button>`)}
      </div>
    </div>
    <${Plots} history=${history} say=${say} />
  `;
}

async function loadHistory(node, hours) {
  const { care } = state;
  if (care.asking === hours) return;
  care.asking = hours;
  const history = await ask(`/api/care/${node}/history?hours=${hours}`).catch(() => undefined);
  if (state.care?.node === node)
    change({ care: { ...state.care, asking: undefined, history: history ?? { hours, nowMs: nowMs(), atMs: [] } } });
}

function Faults({ node, say }) {
  const { faults } = node;
  if (faults.length === 0) return html`<p class="state online"><${Mark} state="online" />${say.care.noFaults}</p>`;
  return html`
    <div class="care-faults" role="status">
      <h3>${say.care.faultsNow}</h3>
      <ul>${faults.map(({ code, text, atMs }) => html`<li key=${code}><${Mark} state="fault" /><span><strong>${code === 'config-refused' ? say.care.configError : faultWords({ code, text }, say.language)}</strong> <time>${shortTime(atMs)} ${dateOf(atMs)}</time><br /><code>${text}</code></span></li>`)}</ul>
    </div>
  `;
}

function Update({ update, say }) {
  const { care } = say;
  if (!update) return null;
  const { release, is, ring, standing, sinceMs, text } = update;
  const words = { release, is: care.updateIs[is], ring: care.rings[ring], standing: care.standings[standing] };
  const isBad = standing === 'refused' || standing === 'rolled-back';
  return html`<p class=${isBad ? 'fault' : 'state'}><${Mark} state=${isBad ? 'fault' : 'online'} />${care.update(words)} · <time>${shortTime(sinceMs)} ${dateOf(sinceMs)}</time>${text !== '' && html` <code>${text}</code>`}</p>`;
}

/** Name, value, and whether somebody should look at it. */
function figuresOf({ vitals, release, inForce, answers, givenUp }, history, say) {
  const words = say.care;
  const { queue, board = {}, camera = {}, link, uplink, began } = vitals;
  const { card, memory } = board;
  const told = (value, as) => (value === undefined || value === null ? words.notTold : as(value));
  const one = (n) => n.toLocaleString(say.language, { maximumFractionDigits: n < 100 ? 1 : 0 });
  const signal = link?.interfaces?.find(({ signalDbm }) => signalDbm !== null && signalDbm !== undefined)?.signalDbm;
  const linkWords = [
    words.links[link?.kind] ?? words.notTold,
    signal !== undefined && words.signal(signal),
    link?.videoWaits && words.videoWaits,
  ];
  const cardWords = (c) =>
    [
      words.of(`${one(c.freeBytes / gib)} GB`, `${one(c.totalBytes / gib)} GB`),
      c.readOnly && words.readOnly,
      c.errors > 0 && words.cardErrors(c.errors),
    ]
      .filter(Boolean)
      .join(' · ');
  const wear = wearOf(history);
  return [
    ['queue', told(queue, (q) => words.queue(q.events ?? 0, q.files)), (queue?.oldestAgeMs ?? 0) > 600_000],
    ['oldest', queue?.oldestAgeMs === null ? '—' : told(queue?.oldestAgeMs, (ms) => span(ms, say))],
    ['givenUp', words.givenUp(givenUp), givenUp.records + givenUp.segments > 0],
    ['temperature', told(board.temperatureC, (c) => `${one(c)} °C`), board.temperatureC >= 75],
    ['load', told(board.load1, one)],
    ['memory', told(memory, (m) => words.of(`${one(m.availableBytes / mib)} MB`, `${one(m.totalBytes / mib)} MB`))],
    ['card', told(card, cardWords), card?.readOnly || card?.errors > 0],
    ['wear', told(wear, (bytes) => `${one(bytes / gib)} GB`)],
    ['link', linkWords.filter(Boolean).join(' · '), link?.videoWaits],
    [
      'month',
      told(link, ({ monthBytes, monthBudgetBytes }) =>
        monthBudgetBytes
          ? words.of(`${one(monthBytes / mib)} MB`, `${one(monthBudgetBytes / mib)} MB`)
          : `${one(monthBytes / mib)} MB`,
      ),
    ],
    ['drops', told(uplink?.sessions, one)],
    [
      'camera',
      [camera.recipe ?? camera.driver ?? words.notTold, camera.restarts > 0 && words.restarts(camera.restarts)]
        .filter(Boolean)
        .join(' · '),
    ],
    ['release', release ?? words.notTold],
    ['uptime', told(board.uptimeS, (s) => span(s * 1000, say))],
    ['began', told(began, ({ cause }) => say.causes[cause] ?? cause)],
    ['wrong', answers.answered === 0 ? words.noAnswers(answers.days) : words.wrong(answers)],
    ['config', told(inForce, ({ atMs }) => `${shortTime(atMs)} ${dateOf(atMs)}`)],
  ];
}

/** Bytes a day over what is known of the last day; a counter that fell began anew with its board. */
function wearOf(history) {
  const rows = (history?.atMs ?? []).flatMap((atMs, index) => {
    const bytes = history.cardWrittenBytes[index];
    return bytes === null ? [] : [{ atMs, bytes }];
  });
  if (rows.length < 2) return undefined;
  const written = rows.slice(1).reduce((sum, { bytes }, index) => sum + Math.max(0, bytes - rows[index].bytes), 0);
  return (written * 86_400_000) / (rows.at(-1).atMs - rows[0].atMs);
}

function Plots({ history, say }) {
  const words = say.care;
  if (history === undefined) return html`<p class="empty" role="status">…</p>`;
  if (history.atMs.length < 2) return html`<p class="empty">${words.noHistory}</p>`;
  const { atMs, temperatureC, files, load, cardWrittenBytes } = withGaps(history);
  const written = cardWrittenBytes.map((bytes, index) => {
    const before = cardWrittenBytes[index - 1];
    if (bytes === null || before === null || before === undefined || bytes < before) return null;
    return ((bytes - before) / 1e6) * (3_600_000 / (atMs[index] - atMs[index - 1]));
  });
  const shown = { temperature: temperatureC, files, load, written };
  return html`<div class="plots">${Object.entries(shown).map(([name, values]) => html`<${Plot} key=${name} name=${words.plots[name]} atMs=${atMs} values=${values} fromMs=${history.nowMs - history.hours * 3_600_000} toMs=${history.nowMs} say=${say} />`)}</div>`;
}

/** Where nothing was heard the line breaks: a node that was off had no temperature. */
function withGaps(history) {
  const slotMs = 300_000;
  const rows = history.atMs.flatMap((atMs, index) => {
    const before = history.atMs[index - 1];
    return before !== undefined && atMs - before > 2 * slotMs
      ? [{ atMs: before + slotMs }, { atMs, index }]
      : [{ atMs, index }];
  });
  const column = (name) => rows.map(({ index }) => (index === undefined ? null : history[name][index]));
  return {
    atMs: rows.map(({ atMs }) => atMs),
    ...{ temperatureC: column('temperatureC'), files: column('files'), load: column('load') },
    cardWrittenBytes: column('cardWrittenBytes'),
  };
}
