// Finding: what happened, where, when, how long; and taking it out.
import { AddToCase } from './cases.js';
import { DayBand } from './day.js';
import { html } from './html.js';
import { LookBack } from './look-back.js';
import { keysOfPlayer, Player } from './player.js';
import { AskSlip } from './slip.js';
import { ask, can, change, go, nowMs, state } from './state.js';
import { TakeOut } from './take-out.js';
import { dateOf, dayStart, hourMs, isoDay, span, timeOfDay } from './time.js';

const dayMs = 86_400_000;

export function Find({ say }) {
  const { found, at } = state;
  const query = queryOf(at);
  if (found?.query !== query) void load(query);
  const chosen = chosenOf(found);
  return html`
    ${at.node && html`<${DayBand} say=${say} node=${at.node} day=${at.day ?? isoDay(nowMs())} chosen=${chosen?.id} choose=${chooseAt} />`}
    <section class="search">
      <${Filter} say=${say} at=${at} />
      ${can('case') && html`<${LookBack} say=${say} />`}
      ${found?.done && found.events.length === 0 && html`<p class="empty">${say.nothingFound}</p>`}
      <ol class="film">
        ${found?.events.map(
          (event) => html`<li key=${keyOf(event)}>
            <button type="button" class=${event.level} aria-pressed=${String(event === chosen)} data-key=${keyOf(event)} onClick=${() => choose(event)}>
              <span class="thumb">${event.still && html`<img src=${event.still} alt="" loading="lazy" />`}</span>
              <span><strong>${event.title}</strong><br /><time>${timeOfDay(event.atMs)}</time> ${dateOf(event.atMs)}<br />
              <small>${[say.triggers[event.trigger], event.durationMs && span(event.durationMs, say), event.ack && say.outcomes[event.ack.outcome]].filter(Boolean).join(' · ')}</small></span>
            </button>
          </li>`,
        )}
      </ol>
      ${found?.next && html`<button type="button" class="more" onClick=${() => load(query, found)}>${say.more}</button>`}
    </section>
    ${chosen && html`<aside class="stage"><div class="stage-head"><h2>${chosen.title}</h2></div><${Player} event=${chosen} say=${say} /><${AskSlip} event=${chosen} say=${say} />${can('case') && html`<${AddToCase} key=${`${chosen.id} case`} event=${chosen} say=${say} />`}${can('export') && html`<${TakeOut} key=${chosen.id} say=${say} id=${chosen.id} path="/api/export" number="case" more=${{ node: chosen.node, id: chosen.id }} />`}</aside>`}
  `;
}

const keyOf = ({ node, id }) => `${node}/${id}`;
const chosenOf = (found) =>
  found?.beside?.key === found?.chosen && found?.beside
    ? found.beside.event
    : (found?.events.find((event) => keyOf(event) === found.chosen) ?? found?.events[0]);
const choose = (event) => change({ found: { ...state.found, chosen: keyOf(event) } });

/** An event of the day that the list may not have come to yet. */
async function chooseAt({ node, id, atMs }) {
  const known = state.found?.events.find((event) => event.node === node && event.id === id);
  if (known !== undefined) return choose(known);
  const answer = await ask(`/api/find?${new URLSearchParams({ node, fromMs: atMs, toMs: atMs + 1 })}`).catch(
    () => null,
  );
  const event = answer?.events.find((each) => each.id === id);
  if (event === undefined) return;
  change({ found: { ...state.found, chosen: keyOf(event), beside: { key: keyOf(event), event } } });
}

export function keysOfFind(pressed) {
  const { found } = state;
  const step = { ArrowDown: 1, ArrowUp: -1 }[pressed.key];
  const list = found?.events ?? [];
  if (step === undefined || list.length === 0) return keysOfPlayer(pressed);
  pressed.preventDefault();
  const to = list[Math.min(list.length - 1, Math.max(0, list.indexOf(chosenOf(found)) + step))];
  choose(to);
  document.querySelector(`[data-key="${keyOf(to)}"]`)?.scrollIntoView({ block: 'nearest' });
}

/** A day or a part of it; from 22:00 to 05:00 is a night, which ends on the day after. Hours without a day are today's. */
function spanOf(day, from, to) {
  if (`${day}${from}${to}` === '') return {};
  const start = dayStart(day === '' ? isoDay(nowMs()) : day);
  const fromMs = start + hourMs(from);
  const toMs = start + (to === '' ? dayMs : hourMs(to));
  return { fromMs, toMs: toMs > fromMs ? toMs : toMs + dayMs };
}

function queryOf({
  node = '',
  day = '',
  from = '',
  to = '',
  trigger = '',
  level = '',
  text = '',
  zone = '',
  minS = '',
}) {
  const query = {
    node,
    trigger,
    level,
    text,
    zone,
    ...spanOf(day, from, to),
    ...(minS !== '' && { minMs: Number(minS) * 1000 }),
  };
  return new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
}

async function load(query, before) {
  state.found = { ...(before ?? { events: [] }), query, done: false };
  const answer = await ask(`/api/find?${query}${before?.next ? `&before=${before.next}` : ''}`).catch(() => undefined);
  if (state.found?.query !== query) return;
  change({
    found: {
      ...state.found,
      done: true,
      next: answer?.next ?? null,
      events: [...state.found.events, ...(answer?.events ?? [])],
    },
  });
}

function Filter({ say, at }) {
  const search = (event) => {
    event.preventDefault();
    const told = Object.fromEntries(
      [...new FormData(event.target.closest('form'))].filter(([, value]) => value !== ''),
    );
    go('find', told);
  };
  const choice = (name, label, options) =>
    html`<label class="field"><span>${label}</span><select name=${name} value=${at[name] ?? ''} onChange=${search}><option value="">${say.allNodes}</option>${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></label>`;
  const line = (name, label, type = 'text') =>
    html`<label class="field"><span>${label}</span><input name=${name} type=${type} defaultValue=${at[name] ?? ''} max=${type === 'date' ? isoDay(Date.now()) : undefined} /></label>`;
  return html`
    <form class="filter" role="search" onSubmit=${search}>
      ${choice(
        'node',
        say.nodes,
        state.nodes.map(({ node, title }) => [node, title]),
      )}
      ${choice('trigger', say.trigger, Object.entries(say.triggers))}
      ${choice('level', say.level, [
        ['alarm', say.alarm],
        ['event', say.events],
      ])}
      ${line('day', say.day, 'date')} ${line('from', say.fromTime, 'time')} ${line('to', say.untilTime, 'time')} ${line('text', say.text)} ${line('zone', say.zones)} ${line('minS', say.minSeconds, 'number')}
      <button class="primary">${say.nav.find}</button>
    </form>
  `;
}
