// The device: links to a phone, keeps the connection to the simulator, sends and receives.
(() => {
  'use strict';

  const { Storage, Wid, MsgKey, MsgModel, Socket, Stream, Conn, Network, LinkDeviceEvents } = window.Simulated;
  const { Cmd, Msg, Chat, chatOf, client } = window.Simulated;
  const RECONNECT_MS = 500;
  /** Its button would ask the browser for the passkey, and the one on a server has none. */
  const PASSKEY_SCREEN = `<section data-testid="shortcake_passkey_screen"><h1>Quick security check</h1>
    <div data-testid="shortcake_passkey_prompt_card"><p>Use your passkey to link this device.</p><button disabled>Continue</button></div></section>`;

  client.phones = new Map();
  /** WhatsApp's server has said that the account may not open new chats. */
  client.timelocked = false;
  let socket;
  let question = 0;
  const questions = new Map();
  const outcomes = new Map();

  const say = (message) => {
    if (socket?.readyState !== WebSocket.OPEN) throw new Error('the connection is down');
    socket.send(JSON.stringify(message));
  };

  /** Asks the server and waits for its answer. */
  client.ask = (ask, values) =>
    new Promise((resolve, reject) => {
      question += 1;
      questions.set(question, { resolve, reject });
      say({ type: 'ask', question, ask, ...values });
    });

  client.refreshQR = () => say({ type: 'refresh' });

  client.logOut = async () => {
    await client.ask('log_out', {});
    await unlink();
  };

  const keep = (message) => {
    message.row ??= client.storage.nextRow();
    return client.storage.save(message.toRecord());
  };

  /** What a message says: its text, or its caption and where its file is. */
  const content = ({ body, caption, directPath, type, mimetype, filename }) => {
    if (!directPath) return { body };
    return { body: caption ?? '', media: { kind: type, mime: mimetype, name: filename, path: directPath } };
  };

  /** Hands a message that is in the store to the server; the promise follows the server's answer. */
  const transmit = (model) =>
    new Promise((resolve, reject) => {
      outcomes.set(model.id.toString(), { resolve, reject });
      say({ type: 'send', key: model.id.toString(), id: model.id.id, to: model.to.toString(), ...content(model) });
    });

  client.send = (chat, message) => {
    const stored = (async () => {
      const t = Math.floor(Date.now() / 1000);
      const model = Msg.add(MsgModel.fromRecord({ ...message, key: message.id.toString(), ack: 0, to: chat.id, t }, true));
      chat.t = t;
      await keep(model);
      return model;
    })();
    return [stored, stored.then(transmit)];
  };

  client.resend = (model) => transmit(model);

  const acknowledge = async (key, ack) => {
    const model = Msg.get(key);
    if (!model || (ack > 0 && model.ack >= ack)) return;
    model.ack = ack;
    await keep(model);
    const outcome = outcomes.get(key);
    outcomes.delete(key);
    if (ack > 0) outcome?.resolve({ messageSendResult: 'OK' });
    else outcome?.reject(new Error('the server refused the message'));
  };

  /** A receipt from the other side: delivered, or read. */
  client.takeReceipt = async ({ from, externalIds, ack }) => {
    for (const id of externalIds) await acknowledge(String(new MsgKey({ fromMe: true, remote: from, id })), ack);
  };

  /** The server's word on a message goes to the message, the other side's through the module where clients look for receipts. */
  const told = async (key, ack) => {
    if (ack < 2) return acknowledge(key, ack);
    const { remote, id } = MsgKey.fromString(key);
    const ts = Math.floor(Date.now() / 1000);
    return window.importNamespace('WAWebHandleDirectChatReceipt').handleChatSimpleReceipt({
      type: 'receipt', stanzaId: id, externalIds: [id], from: remote, participant: null, recipient: null,
      ts, ack, ackString: ack === 2 ? 'delivery' : 'read', offline: null,
    });
  };

  const receive = async ({ media, ...message }) => {
    const from = new Wid(message.from);
    if (message.phone) client.phones.set(from.user, message.phone);
    const key = new MsgKey({ fromMe: false, remote: from, id: message.id });
    if (!(await Msg.find(key))) {
      const chat = chatOf(from);
      chat.set({ t: message.t, lastReceivedKey: key, unreadCount: Math.max(chat.unreadCount, 0) + 1 });
      const record = { ...message, ...(media && client.incoming(media, message.body)), key: key.toString(), ack: 1 };
      const [model] = await Msg.processMultipleMessages(from, [MsgModel.fromRecord(record, true)]);
      await keep(model);
      draw();
    }
    // Only now: the server does not tell it again.
    say({ type: 'received', id: message.id });
  };

  /** How much of what happened while the page was away is here, in percent. */
  const load = (percent) => {
    client.loaded = percent;
    Cmd.trigger('offline_progress_update_from_bridge');
  };

  /** Linked: loads, then is ready. */
  const synchronise = (milliseconds) => {
    Socket.state = 'CONNECTED';
    Stream.mode = 'SYNCING';
    load(0);
    setTimeout(() => {
      load(100);
      Socket.hasSynced = true;
      Stream.mode = 'MAIN';
      Cmd.isMainLoaded = true;
      Cmd.trigger('main_loaded');
      draw();
    }, milliseconds);
  };

  const pair = async ({ account, sync_ms: milliseconds }) => {
    Socket.state = 'PAIRING';
    Conn.ref = undefined;
    await client.storage.link(account);
    client.account = account;
    Conn.wid = new Wid(`${account.phone}@c.us`);
    say({ type: 'linked' });
    synchronise(milliseconds);
  };

  const unlink = async () => {
    Socket.state = 'UNPAIRED';
    Cmd.trigger('logout');
    Cmd.trigger('logout_from_bridge');
    await client.storage.wipe();
    location.href = '/?post_logout=1';
  };

  const handlers = {
    ref: async ({ ref, svg }) => {
      Stream.mode = 'QR';
      Socket.state = 'UNPAIRED';
      Conn.ref = ref;
      draw(svg);
    },
    idle: async () => {
      Conn.ref = undefined;
      Socket.state = 'UNPAIRED_IDLE';
      draw();
    },
    // The event and the elements' names are WhatsApp's, from copies of its page's code of July 2026; the words are ours. In which state its
    // socket is meanwhile is not known: here it stays as it was.
    passkey: async () => {
      Conn.ref = undefined;
      document.getElementById('app').innerHTML = PASSKEY_SCREEN;
      LinkDeviceEvents.trigger('link_device_events:passkey_prologue_request');
    },
    pair,
    welcome: async ({ sync_ms: milliseconds }) => synchronise(milliseconds),
    unlinked: unlink,
    ack: async ({ key, ack, error }) => {
      if (error === 463) client.timelocked = true;
      await told(key, ack);
    },
    inbound: receive,
    state: async ({ state }) => {
      Socket.state = state;
    },
    reload: async () => location.reload(),
    // The page stops answering, for good.
    hang: () => {
      for (;;);
    },
    answer: async ({ question: number, error, ...values }) => {
      const asked = questions.get(number);
      questions.delete(number);
      if (error) asked?.reject(new Error(error));
      else asked?.resolve(values);
    },
  };

  const connect = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/page/socket`);
    socket.onopen = () => {
      Network.online = true;
      const open = Msg.getModelsArray().filter((model) => model.id.fromMe && model.ack < 3);
      say({
        type: 'hello',
        device: client.account?.device ?? null,
        noise: client.storage.keys.noise,
        identity: client.storage.keys.identity,
        // A refused one (-1) is as good as one that was never answered.
        unread: open.map((model) => ({ key: model.id.toString(), id: model.id.id, ack: Math.max(model.ack, 0) })),
      });
    };
    // One message after the other: an acknowledgement must not overtake the storing of its message.
    let turn = Promise.resolve();
    socket.onmessage = ({ data }) => {
      const { type, ...message } = JSON.parse(data);
      turn = turn.then(() => handlers[type]?.(message)).catch((error) => console.error(type, error));
    };
    socket.onclose = () => {
      Network.online = false;
      if (client.account) Socket.state = 'TIMEOUT';
      for (const { reject } of questions.values()) reject(new Error('the connection went down'));
      questions.clear();
      setTimeout(connect, RECONNECT_MS);
    };
  };

  /** What a person sees. */
  const draw = (svg) => {
    const app = document.getElementById('app');
    if (!app) return;
    if (Stream.mode === 'QR') {
      app.innerHTML = '<h1>Scan to link</h1><div id="qr"></div>';
      if (svg) document.getElementById('qr').innerHTML = svg;
      return;
    }
    const list = Msg.getModelsArray().slice(-30).map((model) => {
      const item = document.createElement('li');
      const says = model.directPath ? `[${model.filename ?? model.type}] ${model.caption ?? ''}` : model.body;
      item.textContent = `${model.id.fromMe ? '→' : '←'} ${model.id.remote}: ${says}`;
      return item;
    });
    app.innerHTML = `<h1>${client.account?.phone ?? ''}</h1><ul></ul>`;
    app.querySelector('ul').append(...list);
  };

  const start = async () => {
    client.storage = await Storage.open();
    client.account = await client.storage.account();
    const unread = await client.storage.unread();
    for (const record of await client.storage.messages()) {
      const message = Msg.add(MsgModel.fromRecord(record, false));
      const chat = chatOf(message.id.remote);
      chat.set({ t: Math.max(chat.t, message.t), unreadCount: unread[chat.id] ?? 0 });
    }
    Chat.on('change:unreadCount', () => {
      const counts = Chat.map((chat) => [chat.id.toString(), chat.unreadCount]).filter(([, count]) => count !== 0);
      client.storage.keepUnread(Object.fromEntries(counts)).catch((error) => console.error('unread', error));
    });
    if (client.account) {
      Conn.wid = new Wid(`${client.account.phone}@c.us`);
      Stream.mode = 'SYNCING';
    }
    connect();
  };

  start();
})();
