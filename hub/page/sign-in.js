// The door: sign in, choose a password of one's own, wake a resting desk.
import { html } from './html.js';
import { allowSound } from './sound.js';
import { change, post, speak, state } from './state.js';

const fault = (error, say) => say[error.message] ?? say.passwordFaults[error.message] ?? say.notSaved;

function Frame({ say, title, why, children }) {
  return html`
    <div class="door">
      <main class="door-card">
        <img src="/page/eye.svg" alt="" width="56" height="56" />
        <h1>${title}</h1>
        ${why && html`<p class="quiet">${why}</p>`}
        ${children}
        <${Languages} say=${say} />
      </main>
    </div>
  `;
}

export const Languages = () => html`
  <div class="languages" role="group" aria-label="Ngôn ngữ · Language">
    ${['vi', 'en'].map(
      (
        language,
      ) => html`<button key=${language} type="button" aria-pressed=${String(language === state.language)} onClick=${() => speak(language)}>
        ${language === 'vi' ? 'Tiếng Việt' : 'English'}
      </button>`,
    )}
  </div>
`;

const Field = ({ name, label, type = 'text', complete, focus }) => html`
  <label class="field"><span>${label}</span>
    <input name=${name} type=${type} autocomplete=${complete} required autocapitalize="none" spellcheck=${false} ref=${(element) => focus && element && element.value === '' && document.activeElement?.tagName !== 'INPUT' && element.focus()} />
  </label>
`;

/** `work` gets the form's values; what it throws is told under the form. */
const submit = (work, say) => async (event) => {
  event.preventDefault();
  allowSound();
  const values = Object.fromEntries(new FormData(event.target));
  try {
    change({ doorFault: undefined, ...(await work(values)) });
  } catch (error) {
    change({ doorFault: fault(error, say) });
  }
};

const Told = () => html`<p class="door-fault" role="alert">${state.doorFault}</p>`;

export function SignIn({ say }) {
  const enter = submit(
    async ({ name, password }) => ({ me: await post('/api/sign-in', { name: name.trim(), password }) }),
    say,
  );
  return html`<${Frame} say=${say} title=${say.product} why=${say.desk}>
    <form onSubmit=${enter}>
      <${Field} name="name" label=${say.account} complete="username" focus />
      <${Field} name="password" label=${say.password} type="password" complete="current-password" />
      <${Told} />
      <button class="primary">${say.signIn}</button>
    </form>
  </${Frame}>`;
}

export function FirstPassword({ say }) {
  const save = submit(async ({ old, password, again }) => {
    if (password !== again) throw new Error('differ');
    return { me: await post('/api/password', { old, password }) };
  }, say);
  return html`<${Frame} say=${say} title=${say.firstPassword} why=${say.firstPasswordWhy}>
    <form onSubmit=${save}>
      <${Field} name="old" label=${say.oldPassword} type="password" complete="current-password" focus />
      <${Field} name="password" label=${say.newPassword} type="password" complete="new-password" />
      <${Field} name="again" label=${say.again} type="password" complete="new-password" />
      <p class="quiet">${say.passwordRule}</p>
      <${Told} />
      <button class="primary">${say.savePassword}</button>
    </form>
  </${Frame}>`;
}

export function Resting({ say }) {
  const alarms = state.queue.filter(({ level }) => level === 'alarm');
  const wake = submit(async ({ password }) => ({ me: await post('/api/wake', { password }) }), say);
  return html`<${Frame} say=${say} title=${say.resting} why=${say.restingWhy}>
    <p class=${alarms.length > 0 || !state.hubHere ? 'door-alarm' : 'quiet'} role="status">${state.hubHere ? say.waitingAlarms(alarms.length) : say.noHub}</p>
    <form onSubmit=${wake}>
      <${Field} name="password" label=${`${say.password} · ${state.me.fullName}`} type="password" complete="current-password" focus />
      <${Told} />
      <button class="primary">${say.wake}</button>
    </form>
  </${Frame}>`;
}
