// Devices: how each node is, what it is set to, what it may see, and what people know of its point.
import { Aim } from './care-aim.js';
import { Condition } from './care-condition.js';
import { loadCare } from './care-draft.js';
import { Settings } from './care-settings.js';
import { Zones } from './care-zones.js';
import { html } from './html.js';
import { Mark } from './icons.js';
import { addressOf, can, change, post, state } from './state.js';
import { stateWords } from './wall.js';

const tabs = {
  how: { show: Condition },
  set: { show: Settings },
  zones: { show: Zones, needs: 'look' },
  aim: { show: Aim, needs: 'look' },
  point: { show: PointForm },
};

export function Care({ say }) {
  const chosen = state.nodes.find(({ node }) => node === state.at.node) ?? state.nodes[0];
  if (chosen === undefined) return html`<p class="empty">${say.noNodes}</p>`;
  if (state.care?.node !== chosen.node) void loadCare(chosen.node);
  const mine = Object.keys(tabs).filter((tab) => tabs[tab].needs === undefined || can(tabs[tab].needs));
  const tab = mine.includes(state.at.tab) ? state.at.tab : 'how';
  const Shown = tabs[tab].show;
  return html`
    <ul class="list" aria-label=${say.nodes}>
      ${state.nodes.map(
        (node) =>
          html`<li key=${node.node}><a href=${addressOf('care', { node: node.node, tab })} aria-current=${node === chosen ? 'true' : undefined}><${Mark} state=${node.state} /><span><strong>${node.title}</strong><small>${stateWords(node, say)}</small></span></a></li>`,
      )}
    </ul>
    <section class="sheet care-sheet" key=${chosen.node} aria-label=${chosen.title}>
      <div class="care-head">
        <h2>${chosen.title}</h2>
        <nav class="tabs" aria-label=${chosen.title}>
          ${mine.map((each) => html`<a key=${each} href=${addressOf('care', { node: chosen.node, tab: each })} aria-current=${each === tab ? 'page' : undefined}>${say.care.tabs[each]}</a>`)}
        </nav>
      </div>
      <${Shown} key=${`${chosen.node} ${tab}`} node=${chosen} care=${state.care?.node === chosen.node ? state.care : {}} say=${say} />
    </section>
  `;
}

function PointForm({ node, say }) {
  const point = state.points[node.node] ?? { hamlet: '', contact: '', phone: '', x: null, y: null };
  const save = async (event) => {
    event.preventDefault();
    const { hamlet, contact, phone } = Object.fromEntries(new FormData(event.target));
    const told = await post(`/api/points/${node.node}`, { ...point, hamlet, contact, phone }).then(
      () => say.saved,
      () => say.notSaved,
    );
    change({ careTold: { node: node.node, told } });
  };
  return html`
    <form class="grid" onSubmit=${save}>
      <label class="field"><span>${say.hamlet}</span><input name="hamlet" maxlength="80" defaultValue=${point.hamlet} /></label>
      <label class="field"><span>${say.guard}</span><input name="contact" maxlength="80" defaultValue=${point.contact} /></label>
      <label class="field"><span>${say.phone}</span><input name="phone" maxlength="24" type="tel" defaultValue=${point.phone} /></label>
      <button class="primary">${say.save}</button>
      <p role="status">${state.careTold?.node === node.node ? state.careTold.told : ''}</p>
    </form>
  `;
}
