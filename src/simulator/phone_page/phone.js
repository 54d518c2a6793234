// A person plays the phones: scans codes, sees what arrives, answers, logs devices out.
'use strict';

const TICKS = { 1: '✓', 2: '✓✓', 3: '✓✓' };
const SHOWN = 40;

let language = localStorage.getItem('language') ?? (TEXTS[navigator.language.slice(0, 2)] ? navigator.language.slice(0, 2) : 'en');
let state = { phones: [], codes: [], chats: { messages: [], replies: [] } };
let scanning;

const text = (name) => TEXTS[language][name];
const find = (selector) => document.querySelector(selector);

/** An element with properties and children. */
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(properties.dataset ?? {})) element.dataset[name] = value;
  element.append(...children);
  return element;
};

const control = async (action, body) => {
  const answer = await fetch(`/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const problem = find('#problem');
  problem.hidden = answer.ok;
  if (!answer.ok) problem.textContent = (await answer.json().catch(() => ({}))).error ?? `HTTP ${answer.status}`;
  return answer.ok;
};

const button = (label, testid, onclick, className = '') => {
  const element = make('button', { type: 'button', textContent: label, onclick, className });
  element.dataset.testid = testid;
  return element;
};

const replyForm = (phone, to) => {
  const input = make('input', { name: 'body', required: true, placeholder: text('reply'), autocomplete: 'off' });
  input.setAttribute('aria-label', `${text('reply')} ${to}`);
  const form = make('form', {}, input, make('button', { type: 'submit', textContent: text('send') }));
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (await control('inbound', { from: to, to: phone, body: input.value })) form.reset();
  };
  return form;
};

const chatsOf = (phone) => {
  const sent = state.chats.messages.filter((message) => message.from === phone).slice(-SHOWN).reverse();
  if (sent.length === 0) return make('p', { textContent: text('noChats'), className: 'state' });
  const list = make('ul', { className: 'chats' });
  for (const message of sent) {
    const ticks = make('span', { textContent: TICKS[message.ack] ?? '', className: message.ack >= 3 ? 'read' : '' });
    const item = make('li', {}, make('small', {}, make('span', { textContent: `+${message.to}` }), ticks), message.body, replyForm(phone, message.to));
    item.dataset.testid = 'arrived';
    list.append(item);
    for (const reply of state.chats.replies.filter((one) => one.to === phone && one.from === message.to)) {
      list.append(make('li', { className: 'reply', textContent: reply.body }));
    }
  }
  return list;
};

const card = ({ phone, linked }) => {
  const status = make('span', { className: linked ? 'state linked' : 'state', textContent: text(linked ? 'linked' : 'unlinked') });
  if (linked) status.dataset.testid = 'linked';
  const actions = make('div', { className: 'actions' });
  if (linked) actions.append(button(text('unlink'), 'unlink', () => control('logout', { phone })));
  else actions.append(button(text('scanCode'), 'scan', () => openScanner(phone), 'primary'));
  const section = make('section', { className: 'phone' }, make('header', {}, make('h2', { textContent: `+${phone}` }), status), actions, chatsOf(phone));
  section.dataset.testid = `phone-${phone}`;
  return section;
};

const openScanner = (phone) => {
  scanning = phone;
  drawCodes();
  find('#scanner').showModal();
};

/** Takes the text of a QR code, or a linking code as a person types it. */
const scan = async (qr) => {
  const code = qr.replace(/[\s-]/g, '');
  const linked = code.length === 8 ? control('code', { phone: scanning, code }) : control('scan', { phone: scanning, qr });
  if (await linked) find('#scanner').close();
};

const drawCodes = () => {
  find('#no-codes').hidden = state.codes.length > 0;
  const choices = state.codes.map((code, index) => {
    const choice = button('', 'qr-choice', () => scan(code.qr));
    choice.setAttribute('aria-label', `${text('code')} ${index + 1}`);
    // The server draws the picture; it has nothing in it that a person wrote.
    choice.innerHTML = code.svg;
    choice.dataset.qr = code.qr;
    return choice;
  });
  find('#codes').replaceChildren(...choices);
};

const draw = () => {
  document.documentElement.lang = language;
  document.title = text('title');
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll('[data-language]')) {
    element.setAttribute('aria-pressed', String(element.dataset.language === language));
  }
  // While somebody types an answer the chats stand still, so that nothing is lost.
  if (!document.activeElement?.closest('.chats form')) find('#phones').replaceChildren(...state.phones.map(card));
  drawCodes();
};

let asking = false;
let stale = false;
const refresh = async () => {
  if (asking) {
    stale = true;
    return;
  }
  asking = true;
  do {
    stale = false;
    state = await (await fetch('/phone/state')).json();
    draw();
  } while (stale);
  asking = false;
};

for (const element of document.querySelectorAll('[data-language]')) {
  element.onclick = () => {
    language = element.dataset.language;
    localStorage.setItem('language', language);
    draw();
  };
}
find('#close').onclick = () => find('#scanner').close();
find('#add').onsubmit = async (event) => {
  event.preventDefault();
  if (await control('phones', { phone: event.target.phone.value })) event.target.reset();
};
find('#paste').onsubmit = (event) => {
  event.preventDefault();
  scan(event.target.qr.value);
};
new EventSource('/phone/events').onmessage = refresh;
refresh();
