// Who may sign in: how each account stands, the end of a lock, and what an administrator does to accounts.
import { html } from './html.js';
import { Mark } from './icons.js';
import { Modal } from './modal.js';
import { ask, can, change, nowMs, post, state } from './state.js';
import { shortTime } from './time.js';

const askEveryMs = 5_000;
const namePattern = '[a-z][a-z0-9.\\-]{1,31}';

/** What comes when the view has been left is left. */
const keep = (more) => state.people !== undefined && change({ people: { ...state.people, ...more } });

async function load() {
  state.people.askedMs = Date.now();
  const told = await ask('/api/accounts').catch(() => undefined);
  if (told !== undefined) keep(told);
}

/** One at a time: a second press of a button while the first is under way would be refused for what the first has done. */
async function act(path, body, say) {
  if (state.people.isBusy) return undefined;
  keep({ isBusy: true, told: undefined });
  const told = await post(`/api/accounts${path}`, body).catch((error) => {
    const { [error.message]: known } = say.people.failed;
    keep({ told: { path, isBad: true, words: known ?? (error.status === 400 ? say.people.bad : say.people.notDone) } });
    return undefined;
  });
  keep({ isBusy: false, asks: undefined });
  await load();
  return told;
}

async function turn(account, does, say) {
  const { name, fullName, role } = account;
  const done = await act(`/${name}/${does}`, {}, say);
  if (done?.password !== undefined) keep({ given: { name, fullName, role, password: done.password } });
  else if (done !== undefined) keep({ told: { words: say.people.done[does](fullName) } });
  // The button that was pressed may be gone.
  requestAnimationFrame(() => document.activeElement === document.body && document.getElementById('view')?.focus());
}

export function People({ say }) {
  // A password that one administrator was shown is not for whoever signs in after her.
  if (state.people?.of !== state.me.name) state.people = { of: state.me.name, askedMs: 0 };
  if (Date.now() - state.people.askedMs > askEveryMs) void load();
  const { accounts, asks, given, told } = state.people;
  if (accounts === undefined) return html`<p class="empty" role="status">…</p>`;
  const open = accounts.filter(({ disabled }) => !disabled);
  return html`
    <section class="sheet">
      <div class="section-head"><h2>${say.people.count(open.length)}</h2><p class=${told?.isBad ? 'people-told bad' : 'people-told'} role="status">${told?.path === '' ? '' : told?.words}</p></div>
      ${!can('accounts') && html`<p class="quiet">${say.people.chiefMay}</p>`}
      <ul class="accounts" aria-label=${say.nav.people}>
        ${[...open, ...accounts.filter(({ disabled }) => disabled)].map((account) => html`<${Row} key=${account.name} account=${account} say=${say} />`)}
      </ul>
    </section>
    ${can('accounts') && html`<${Add} say=${say} />`}
    ${asks && html`<${Ask} asks=${asks} say=${say} />`}
    ${given && html`<${Given} given=${given} say=${say} />`}
  `;
}

function Row({ account, say }) {
  const { name, fullName, role, disabled, mustChange, lockedUntilMs } = account;
  const isMine = name === state.me.name;
  const isLocked = lockedUntilMs !== null && lockedUntilMs > nowMs();
  const states = [
    disabled && ['stopped', say.people.closed],
    isLocked && ['fault', say.people.lockedUntil(shortTime(lockedUntilMs))],
    !disabled && mustChange && ['unknown', say.people.mustChange],
  ].filter(Boolean);
  const button = (does, press) =>
    html`<button key=${does} type="button" class=${does === 'unlock' ? 'primary' : 'plain'} aria-label=${`${say.people.does[does]}: ${fullName}`} onClick=${press}>${say.people.does[does]}</button>`;
  const now = (does) => button(does, () => turn(account, does, say));
  const sure = (does) => button(does, () => keep({ asks: { account, does }, told: undefined }));
  return html`
    <li class=${disabled ? 'closed' : ''}>
      <p><strong>${fullName}</strong><small>${name}${isMine && ` · ${say.people.you}`}</small></p>
      <p>${say.roles[role]}</p>
      <ul class="standings">${(states.length > 0 ? states : [['online', say.people.open]]).map(([mark, words]) => html`<li key=${mark}><${Mark} state=${mark} />${words}</li>`)}</ul>
      <div class="people-acts">
        ${isLocked && now('unlock')}
        ${can('accounts') && !isMine && (disabled ? now('open') : html`${sure('reset')}${sure('close')}`)}
      </div>
    </li>
  `;
}

function Add({ say }) {
  const { role = 'officer', told } = state.people;
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const account = Object.fromEntries(new FormData(form));
    const done = await act('', account, say);
    if (done === undefined) return;
    form.reset();
    keep({ role: 'officer', given: { ...account, password: done.password } });
  };
  return html`
    <section class="sheet add-account">
      <h2>${say.people.add}</h2>
      <form onSubmit=${send}>
        <label class="field"><span>${say.people.fullName}</span><input name="fullName" required maxlength="80" autocomplete="off" /></label>
        <label class="field"><span>${say.people.name}</span><input name="name" required pattern=${namePattern} title=${say.people.nameRule} autocomplete="off" autocapitalize="none" spellcheck=${false} aria-describedby="name-rule" /></label>
        <p class="quiet" id="name-rule">${say.people.nameRule}</p>
        <label class="field"><span>${say.people.role}</span><select name="role" value=${role} aria-describedby="role-may" onChange=${(picked) => keep({ role: picked.target.value })}>${Object.entries(say.roles).map(([each, words]) => html`<option key=${each} value=${each}>${words}</option>`)}</select></label>
        <p class="quiet" id="role-may">${say.people.roleMay[role]}</p>
        <p class="people-told bad" role="alert">${told?.path === '' ? told.words : ''}</p>
        <button class="primary">${say.people.add}</button>
      </form>
    </section>
  `;
}

function Ask({ asks: { account, does }, say }) {
  const close = () => keep({ asks: undefined });
  const question = say.people.sure[does](account.fullName);
  return html`
    <${Modal} name="ask-veil" label=${question} close=${close}>
      <article class="slip ask">
        <h2>${question}</h2>
        <p>${say.people.sureWhy[does]}</p>
        <div class="people-acts">
          <button type="button" class="primary" onClick=${() => turn(account, does, say)}>${say.people.sureYes[does]}</button>
          <button type="button" class="plain" onClick=${close}>${say.cancel} <kbd>Esc</kbd></button>
        </div>
      </article>
    </${Modal}>
  `;
}

function Given({ given: { name, fullName, role, password }, say }) {
  const close = () => keep({ given: undefined });
  const rows = [
    [say.people.fullName, fullName],
    [say.people.role, say.roles[role]],
    [say.people.name, html`<code>${name}</code>`],
  ];
  return html`
    <${Modal} name="slip-veil" label=${say.people.givenTitle} close=${close}>
      <article class="slip account-slip">
        <div class="slip-head"><h2>${say.people.givenTitle}</h2>
          <div class="no-print">
            <button type="button" class="primary" onClick=${() => print()}>${say.people.print}</button>
            <button type="button" class="more" onClick=${close}>${say.close} <kbd>Esc</kbd></button>
          </div>
        </div>
        <dl class="figures">${rows.map(([what, value]) => html`<div key=${what}><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>
        <label class="field secret"><span>${say.people.password}</span><input readonly value=${password} onFocus=${(event) => event.target.select()} /></label>
        <p class="once no-print"><${Mark} state="fault" />${say.people.once}</p>
        <p class="quiet">${say.people.given}</p>
      </article>
    </${Modal}>
  `;
}
