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
  const { dataset, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  Object.assign(element.dataset, dataset);
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

/** A file in the form in which the control API takes it. */
const mediaOf = async (file) => {
  const reader = new FileReader();
  await new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  const mime = file.type || 'application/octet-stream';
  const [family] = mime.split('/');
  const kind = ['image', 'video', 'audio'].includes(family) ? family : 'document';
  return { kind, mime, name: kind === 'document' ? file.name : null, base64: reader.result.slice(reader.result.indexOf(',') + 1) };
};

const replyForm = (phone, to) => {
  const input = make('input', { name: 'body', required: true, placeholder: text('reply'), autocomplete: 'off' });
  input.setAttribute('aria-label', `${text('reply')} ${to}`);
  const file = make('input', { name: 'file', type: 'file', dataset: { testid: 'attach' } });
  file.setAttribute('aria-label', `${text('attach')} ${to}`);
  // A file says enough.
  file.onchange = () => (input.required = file.files.length === 0);
  const form = make('form', {}, input, make('button', { type: 'submit', textContent: text('send') }), file);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const media = file.files.length > 0 ? await mediaOf(file.files[0]) : null;
    if (await control('inbound', { from: to, to: phone, body: input.value, media })) {
      form.reset();
      input.required = true;
      // The chats stood still until now.
      document.activeElement?.blur();
      draw();
    }
  };
  return form;
};

const size = (bytes) => {
  const [unit, amount] = bytes < 1000 ? ['byte', bytes] : bytes < 1e6 ? ['kilobyte', bytes / 1e3] : ['megabyte', bytes / 1e6];
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(amount);
};

/** The file of a message: a picture as one, anything else by its name and size. */
const fileOf = ({ kind, mime, name, size: bytes, sha256 }) => {
  const says = `${name ?? text(kind)} · ${size(bytes)}`;
  const href = `/phone/media/${sha256}`;
  const isPicture = kind === 'image' || kind === 'sticker';
  const shown = isPicture ? make('img', { src: href, alt: says, loading: 'lazy' }) : says;
  const download = name ?? `${kind}.${mime.split('/')[1]?.split(/[;+]/)[0] ?? 'bin'}`;
  return make('a', { href, download, className: 'file', dataset: { testid: 'file' } }, shown);
};

/** What a message says, with its file. */
const content = ({ body, media }) => (media ? [fileOf(media), body] : [body]);

const chatsOf = (phone) => {
  const sent = state.chats.messages.filter((message) => message.from === phone).slice(-SHOWN).reverse();
  if (sent.length === 0) return make('p', { textContent: text('noChats'), className: 'state' });
  const list = make('ul', { className: 'chats' });
  for (const message of sent) {
    const ticks = make('span', { textContent: TICKS[message.ack] ?? '', className: message.ack >= 3 ? 'read' : '' });
    const item = make('li', {}, make('small', {}, make('span', { textContent: `+${message.to}` }), ticks), ...content(message), replyForm(phone, message.to));
    item.dataset.testid = 'arrived';
    list.append(item);
    for (const reply of state.chats.replies.filter((one) => one.to === phone && one.from === message.to)) {
      list.append(make('li', { className: 'reply' }, ...content(reply)));
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
  // While somebody types an answer, or has chosen a file, the chats stand still, so that nothing is lost.
  const chosen = [...document.querySelectorAll('.chats input[type=file]')].some((input) => input.files.length > 0);
  if (!chosen && !document.activeElement?.closest('.chats form')) find('#phones').replaceChildren(...state.phones.map(card));
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
