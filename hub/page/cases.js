// Cases: events that belong together, held against deletion, taken out and printed as one.
import { html } from './html.js';
import { Mark } from './icons.js';
import { ask, can, change, post, state } from './state.js';
import { TakeOut } from './take-out.js';
import { dateOf, shortTime, span, timeOfDay } from './time.js';

const byWhom = (actor) => actor.split(':').at(-1);

async function loadCases() {
  const { cases } = await ask('/api/cases');
  change({ cases: { ...state.cases, list: cases } });
}
async function loadCase(id) {
  state.cases = { ...state.cases, asked: id };
  const told = await ask(`/api/cases/${id}`).catch(() => undefined);
  if (state.cases?.asked === id) change({ cases: { ...state.cases, told } });
}

export function Cases({ say }) {
  if (state.cases === undefined) {
    state.cases = { list: undefined };
    void loadCases().catch(() => undefined);
  }
  const { list, told, asked } = state.cases;
  if (list?.length === 0) return html`<p class="empty">${say.noCases}</p>`;
  const chosen = list?.find(({ id }) => String(id) === state.at.id) ?? list?.[0];
  if (chosen !== undefined && asked !== chosen.id) void loadCase(chosen.id);
  return html`
    <section class="no-print">
      <div class="section-head"><h2>${say.casesOpen((list ?? []).filter(({ closedMs }) => closedMs === null).length)}</h2></div>
      <ul class="list" aria-label=${say.nav.cases}>
        ${(list ?? []).map(
          ({ id, title, events, openedMs, closedMs }) =>
            html`<li key=${id}><a href=${`#/cases?id=${id}`} class=${closedMs === null ? '' : 'closed'} aria-current=${id === chosen?.id ? 'true' : undefined}><b class="num">${id}</b><span><strong>${title}</strong><small>${say.caseEvents(events)} · ${closedMs === null ? dateOf(openedMs) : say.caseClosed(dateOf(closedMs))}</small></span></a></li>`,
        )}
      </ul>
    </section>
    ${told && told.case.id === chosen?.id && html`<${Case} key=${told.case.id} told=${told} say=${say} />`}
  `;
}

function Case({ told, say }) {
  const { id, title, openedMs, openedBy, closedMs } = told.case;
  const isClosed = closedMs !== null;
  const turn = async (event) => {
    event.preventDefault();
    await post(
      `/api/cases/${id}/${isClosed ? 'reopen' : 'close'}`,
      Object.fromEntries(new FormData(event.target)),
    ).catch(() => undefined);
    await Promise.all([loadCases(), loadCase(id)]);
  };
  return html`
    <article class="sheet case print">
      <p class="only-print">${say.sheetTitle}</p>
      <div class="case-head">
        <div><h2>${say.caseOf(id)}: ${title}</h2><p class="quiet">${say.caseOpened(dateOf(openedMs), byWhom(openedBy))}${isClosed && ` · ${say.caseClosed(dateOf(closedMs))}`}</p></div>
        <p class="held"><${Mark} state="stopped" />${say.caseHeld}</p>
        <button type="button" class="more no-print" onClick=${() => print()}>${say.printSheet}</button>
      </div>
      ${told.events.length === 0 && html`<p class="empty">${say.caseEmpty}</p>`}
      <ol class="case-events">${told.events.map((event) => html`<${InCase} key=${`${event.node}/${event.id}`} id=${id} event=${event} say=${say} />`)}</ol>
      <div class="signs only-print"><p>${say.sheetFrom}<small>${say.signHere}</small></p><p>${say.sheetTo}<small>${say.signHere}</small></p></div>
      ${can('export') && told.events.length > 0 && html`<${TakeOut} key=${`out ${id}`} say=${say} id=${`case ${id}`} path=${`/api/cases/${id}/export`} number="number" />`}
      ${
        can('export') &&
        html`<details key=${`turn ${id} ${isClosed}`} class="no-print"><summary>${isClosed ? say.caseReopen : say.caseClose}</summary><form class="grid" onSubmit=${turn}><label class="field"><span>${isClosed ? say.caseReopenWhy : say.caseCloseWhy}</span><input name="reason" required maxlength="1000" /></label><button class="more">${isClosed ? say.caseReopen : say.caseClose}</button></form></details>`
      }
    </article>
  `;
}

function InCase({ id, event, say }) {
  const { view, ack, node } = event;
  const remove = async (submitted) => {
    submitted.preventDefault();
    const { reason } = Object.fromEntries(new FormData(submitted.target));
    await post(`/api/cases/${id}/remove`, { node, id: event.id, reason }).catch(() => undefined);
    await Promise.all([loadCases(), loadCase(id)]);
  };
  return html`
    <li class=${view?.level ?? ''}>
      <span class="thumb">${view?.still && html`<img src=${view.still} alt="" />`}</span>
      <div>
        <strong>${view?.title ?? node}</strong>
        ${
          view === null
            ? html`<p>${say.caseGone}</p>`
            : html`<p><time>${timeOfDay(view.atMs)} ${dateOf(view.atMs)}</time> · ${say.triggers[view.trigger] ?? view.trigger}${view.durationMs !== null && ` · ${span(view.durationMs, say)}`}</p>
            <p class="quiet">${[view.reason, view.zones.join(', '), ack && say.outcomes[ack.outcome], ack?.note].filter(Boolean).join(' · ')}</p>`
        }
        <p class="quiet"><code>${node}/${event.id}</code> · ${shortTime(event.addedMs)} ${dateOf(event.addedMs)}, ${byWhom(event.addedBy)}</p>
      </div>
      <div class="no-print">
        ${view && html`<a class="more" href=${`#/find?node=${node}&day=${new Date(view.atMs + 25_200_000).toISOString().slice(0, 10)}`}>${say.open}</a>`}
        ${can('export') && html`<details><summary>${say.caseRemove}</summary><form class="grid" onSubmit=${remove}><label class="field"><span>${say.caseRemoveWhy}</span><input name="reason" required maxlength="1000" /></label><button class="more">${say.caseRemove}</button></form></details>`}
      </div>
    </li>
  `;
}

/** Beside an event: into an open case, or a new one. */
export function AddToCase({ event, say }) {
  if (state.cases?.list === undefined && !state.cases?.loading) {
    state.cases = { ...state.cases, loading: true };
    void loadCases().catch(() => undefined);
  }
  const open = (state.cases?.list ?? []).filter(({ closedMs }) => closedMs === null);
  const key = `${event.node}/${event.id}`;
  const isNew = (state.caseChoice ?? String(open[0]?.id ?? '')) === '';
  const add = async (submitted) => {
    submitted.preventDefault();
    const { id, title } = Object.fromEntries(new FormData(submitted.target));
    try {
      const into = id === '' ? (await post('/api/cases', { title })).id : Number(id);
      await post(`/api/cases/${into}/events`, { node: event.node, id: event.id });
      await loadCases();
      const name = state.cases.list.find((each) => each.id === into)?.title ?? '';
      change({ caseChoice: String(into), caseTold: { key, told: say.caseAdded(name) } });
    } catch {
      change({ caseTold: { key, told: say.notSaved } });
    }
  };
  return html`
    <form class="grid add" onSubmit=${add}>
      <label class="field"><span>${say.nav.cases}</span><select name="id" value=${state.caseChoice ?? open[0]?.id ?? ''} onChange=${(picked) => change({ caseChoice: picked.target.value })}>${open.map(({ id, title }) => html`<option key=${id} value=${id}>${id} · ${title}</option>`)}<option value="">${say.newCase}</option></select></label>
      ${isNew && html`<label class="field"><span>${say.caseTitle}</span><input name="title" required maxlength="120" /></label>`}
      <button class="more">${say.addToCase}</button>
      <p role="status">${state.caseTold?.key === key ? state.caseTold.told : ''}</p>
    </form>
  `;
}
