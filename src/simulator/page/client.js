// The device: links to a phone, keeps the connection to the simulator, sends and receives.
(() => {
  'use strict';

  const { Model, Storage, Wid, MsgKey, Socket, Stream, Conn, Cmd, Msg, Chat, client } = window.Simulated;
  const RECONNECT_MS = 500;

  client.phones = new Map();
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

  client.chat = (id) => Chat.get(id) ?? Chat.add(new Model({ id: new Wid(id), name: id }));

  const add = (record, isNewMsg) => {
    const key = MsgKey.fromString(record.key);
    const model = new Model({
      id: key,
      body: record.body,
      type: 'chat',
      t: record.t,
      ack: record.ack,
      from: new Wid(record.from),
      to: new Wid(record.to),
      isNewMsg,
    });
    return Msg.add(model);
  };

  const record = (model) => ({
    key: model.id.toString(),
    body: model.body,
    t: model.t,
    ack: model.ack,
    from: model.from.toString(),
    to: model.to.toString(),
  });

  /** Hands a message that is in the store to the server; the promise follows the server's answer. */
  const transmit = (model) =>
    new Promise((resolve, reject) => {
      outcomes.set(model.id.toString(), { resolve, reject });
      say({ type: 'send', key: model.id.toString(), id: model.id.id, to: model.to.toString(), body: model.body });
    });

  client.send = (chat, message) => {
    const stored = (async () => {
      const model = add({ ...message, key: message.id.toString(), ack: 0, to: chat.id, t: Math.floor(Date.now() / 1000) }, true);
      await client.storage.save(record(model));
      return model;
    })();
    return [stored, stored.then(transmit)];
  };

  client.resend = (model) => transmit(model);

  const acknowledge = async (key, ack) => {
    const model = Msg.get(key);
    if (!model || (ack > 0 && model.ack >= ack)) return;
    model.ack = ack;
    await client.storage.save(record(model));
    const outcome = outcomes.get(key);
    outcomes.delete(key);
    if (ack > 0) outcome?.resolve({ messageSendResult: 'OK' });
    else outcome?.reject(new Error('the server refused the message'));
  };

  const receive = async (message) => {
    if (message.phone) client.phones.set(new Wid(message.from).user, message.phone);
    const key = new MsgKey({ fromMe: false, remote: new Wid(message.from), id: message.id }).toString();
    if (!Msg.get(key)) {
      const model = add({ ...message, key, ack: 1 }, true);
      await client.storage.save(record(model));
      draw();
    }
    // Only now: the server does not tell it again.
    say({ type: 'received', id: message.id });
  };

  /** Linked: loads, then is ready. */
  const synchronise = (milliseconds) => {
    Socket.state = 'CONNECTED';
    Stream.mode = 'SYNCING';
    setTimeout(() => {
      Socket.hasSynced = true;
      Stream.mode = 'MAIN';
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
    pair,
    welcome: async ({ sync_ms: milliseconds }) => synchronise(milliseconds),
    unlinked: unlink,
    ack: async ({ key, ack }) => acknowledge(key, ack),
    inbound: receive,
    state: async ({ state }) => {
      Socket.state = state;
    },
    reload: async () => location.reload(),
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
      const open = Msg.getModelsArray().filter((model) => model.id.fromMe && model.ack < 3);
      say({
        type: 'hello',
        device: client.account?.device ?? null,
        noise: client.storage.keys.noise,
        identity: client.storage.keys.identity,
        unread: open.map((model) => ({ key: model.id.toString(), id: model.id.id, ack: model.ack })),
      });
    };
    // One message after the other: an acknowledgement must not overtake the storing of its message.
    let turn = Promise.resolve();
    socket.onmessage = ({ data }) => {
      const { type, ...message } = JSON.parse(data);
      turn = turn.then(() => handlers[type]?.(message)).catch((error) => console.error(type, error));
    };
    socket.onclose = () => {
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
      item.textContent = `${model.id.fromMe ? '→' : '←'} ${model.id.remote}: ${model.body}`;
      return item;
    });
    app.innerHTML = `<h1>${client.account?.phone ?? ''}</h1><ul></ul>`;
    app.querySelector('ul').append(...list);
  };

  const start = async () => {
    client.storage = await Storage.open();
    client.account = await client.storage.account();
    for (const message of await client.storage.messages()) add(message, false);
    if (client.account) {
      Conn.wid = new Wid(`${client.account.phone}@c.us`);
      Stream.mode = 'SYNCING';
    }
    connect();
  };

  start();
})();
