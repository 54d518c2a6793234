// The bridge between WhatsApp Web and the server: reads state, sends text, reports receipts and what came in. Nothing else: no
// other network, no analytics, no change to the page. It runs in every new document before the page's own scripts.
//
// WhatsApp changes its modules often; every name this file depends on is in MODULES, and `snapshot` tells which are missing.
(() => {
  'use strict';
  if (window.whatsmassive || window.top !== window) return;

  const MODULES = [
    'WAWebSocketModel', 'WAWebStreamModel', 'WAWebConnModel', 'WAWebUserPrefsInfoStore', 'WAWebSignalStoreApi', 'WABase64',
    'WAWebUserPrefsMultiDevice', 'WAWebCompanionRegClientUtils', 'WAWebCmd', 'WAWebUserPrefsMeUser', 'WAWebQueryExistsJob',
    'WAWebWidFactory', 'WAWebFindChatAction', 'WAWebMsgKey', 'WAWebGetEphemeralFieldsMsgActionsUtils', 'WAWebSendMsgChatAction',
    'WAWebSendMsgRecordAction', 'WAWebCollections',
  ];
  const CALL_MS = 12_000;
  const POLL_MS = 500;
  /** Own messages whose receipts are told again when the bridge begins to listen. */
  const CAUGHT_UP = 500;

  /** One document's number: what an earlier document said does not count any more. */
  const epoch = `${Date.now()}-${Math.random()}`;
  const tell = (event) => window.whatsmassiveTell(JSON.stringify({ epoch, ...event }));
  const load = (name) => window.require(name);
  const keyOf = (message) => message.id._serialized || String(message.id);

  /** An error with a stable code, which is what crosses the bridge. */
  const failure = (code, cause) => Object.assign(new Error(String(cause?.message ?? cause ?? code)), { code });

  const within = (promise, code) =>
    Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(failure(code)), CALL_MS))]);

  const missing = () =>
    MODULES.filter((name) => {
      try {
        return !load(name);
      } catch {
        return true;
      }
    });

  const me = () => {
    const user = load('WAWebUserPrefsMeUser');
    return { phone: user.getMaybeMePnUser()?.user ?? null, lid: user.getMaybeMeLidUser() ?? null };
  };

  const snapshot = () => {
    const lost = missing();
    const postLogout = location.search.includes('post_logout=1');
    const known = { missing: lost, modules: MODULES.length, version: window.Debug?.VERSION ?? null, post_logout: postLogout };
    if (lost.length > 0) return known;
    const { Socket } = load('WAWebSocketModel');
    const { Stream } = load('WAWebStreamModel');
    return {
      ...known,
      socket: Socket.state ?? null,
      synced: Boolean(Socket.hasSynced),
      mode: Stream.mode ?? null,
      phone: me().phone,
    };
  };

  /** The text of the QR code, or null while its parts are not there. */
  const qrText = async () => {
    const { ref } = load('WAWebConnModel').Conn;
    if (!ref) return null;
    const { encodeB64 } = load('WABase64');
    const noise = load('WAWebUserPrefsInfoStore').waNoiseInfo.get()?.staticKeyPair?.pubKey;
    const registration = await load('WAWebSignalStoreApi').waSignalStore.getRegistrationInfo();
    const secret = await load('WAWebUserPrefsMultiDevice').getADVSecretKey();
    if (!noise || !registration || !secret) return null;
    const platform = load('WAWebCompanionRegClientUtils').DEVICE_PLATFORM;
    return [ref, encodeB64(noise), encodeB64(registration.identityKeyPair.pubKey), secret, platform].join(',');
  };

  let toldState;
  let toldQr;
  let refreshing = false;

  /** Tells what is different from what was told last. It reads the state, so a missed event costs at most a poll. */
  const look = async () => {
    const now = snapshot();
    const text = JSON.stringify(now);
    if (text !== toldState) {
      toldState = text;
      tell({ type: 'state', snapshot: now });
    }
    if (now.missing.length > 0 || now.phone) return;
    if (now.socket === 'UNPAIRED_IDLE') {
      if (!refreshing) load('WAWebCmd').Cmd.refreshQR();
      refreshing = true;
      return;
    }
    refreshing = false;
    const qr = await qrText();
    if (qr && qr !== toldQr) {
      toldQr = qr;
      tell({ type: 'qr', text: qr });
    }
  };

  const phoneOf = (wid) => {
    if (!wid.isLid?.()) return wid.user;
    try {
      return load('WAWebApiContact').getPhoneNumber(wid)?.user ?? null;
    } catch {
      return null;
    }
  };

  const listen = () => {
    const { Msg } = load('WAWebCollections');
    Msg.on('change:ack', (message, ack) => {
      if (message.id.fromMe) tell({ type: 'ack', id: message.id.id, ack });
    });
    Msg.on('add', (message) => {
      if (!message.isNewMsg || message.id.fromMe || message.type !== 'chat') return;
      tell({ type: 'inbound', id: message.id.id, phone: phoneOf(message.from), body: message.body, t: message.t });
    });
    // What happened before anybody listened, as after a restart: told again, since a receipt may be told any number of times.
    const own = Msg.getModelsArray().filter((message) => message.id.fromMe && message.ack >= 1);
    for (const message of own.slice(-CAUGHT_UP)) tell({ type: 'ack', id: message.id.id, ack: message.ack });
    const { Socket } = load('WAWebSocketModel');
    Socket.on('change:state change:hasSynced', () => void look());
    load('WAWebConnModel').Conn.on('change:ref', () => void look());
  };

  let listening = false;
  setInterval(() => {
    if (!listening && missing().length === 0) {
      listening = true;
      listen();
    }
    look().catch((error) => tell({ type: 'trouble', message: String(error?.message ?? error) }));
  }, POLL_MS);

  const findMessage = async (key) => {
    const { Msg } = load('WAWebCollections');
    return Msg.get(key) ?? (await Msg.getMessagesById([key])).messages[0] ?? null;
  };

  const parseKey = (key) => {
    const [, remote, id] = key.split('_');
    return { remote: load('WAWebWidFactory').createWid(remote), id };
  };

  const keyFor = (chat, id) => {
    const user = load('WAWebUserPrefsMeUser');
    const from = chat.id.isLid?.() ? user.getMaybeMeLidUser() : user.getMaybeMePnUser();
    const MsgKey = load('WAWebMsgKey');
    return { from, key: new MsgKey({ from, to: chat.id, id, selfDir: 'out' }) };
  };

  const chatWith = async (wid) => {
    const { chat } = await load('WAWebFindChatAction').findOrCreateLatestChat(wid);
    if (!chat) throw failure('chat_not_found');
    return chat;
  };

  const calls = {
    snapshot: async () => snapshot(),

    /** The full key that a message to `phone` with `id` will have. */
    address: async (phone, id) => {
      const wid = load('WAWebWidFactory').createWid(`${phone}@c.us`);
      const found = await load('WAWebQueryExistsJob').queryWidExists(wid);
      if (!found) throw failure('not_on_whatsapp');
      const { key } = keyFor(await chatWith(found.wid ?? wid), id);
      return { key: key._serialized || String(key) };
    },

    /** A code that links by phone number: it is typed into the phone in place of scanning. */
    linkingCode: async (phone) => {
      const linking = load('WAWebAltDeviceLinkingApi');
      linking.setPairingType('ALT_DEVICE_LINKING');
      await linking.initializeAltDeviceLinking();
      return { code: await linking.startAltLinkingFlow(phone, true) };
    },

    /** Hands a message to WhatsApp's own sending; receipts tell what becomes of it. */
    send: async (key, body) => {
      const known = await findMessage(key);
      if (known?.ack >= 1) return { ack: known.ack };
      if (known) {
        await load('WAWebSendMsgRecordAction').sendMsgRecord(known);
        return { ack: 0 };
      }
      const { remote, id } = parseKey(key);
      const chat = await chatWith(remote);
      const { from, key: messageKey } = keyFor(chat, id);
      const message = {
        ...load('WAWebGetEphemeralFieldsMsgActionsUtils').getEphemeralFields(chat),
        id: messageKey, ack: 0, body, from, to: chat.id, local: true, self: 'out',
        t: Math.floor(Date.now() / 1000), isNewMsg: true, type: 'chat',
      };
      const [stored, result] = load('WAWebSendMsgChatAction').addAndSendMsgToChat(chat, message);
      Promise.resolve(result).catch(() => tell({ type: 'ack', id, ack: -1 }));
      await stored;
      return { ack: 0 };
    },

    /** What became of a message: its ack, or null where there is none. One that never left is sent on. */
    find: async (key) => {
      const message = await findMessage(key);
      if (!message) return { ack: null };
      if (message.ack === 0) {
        Promise.resolve(load('WAWebSendMsgRecordAction').sendMsgRecord(message)).catch(() => {});
      }
      return { ack: message.ack, key: keyOf(message) };
    },

    /** Begins to unlink the device. The page leaves when it is done, and takes any later answer with it. */
    logOut: async () => {
      Promise.resolve(load('WAWebSocketModel').Socket.logout()).catch((error) => tell({ type: 'trouble', message: String(error) }));
      return {};
    },
  };

  window.whatsmassive = {
    /** Calls one of `calls`; always resolves, with `{ok}` or `{error: {code, message}}`. */
    call: async (name, ...values) => {
      try {
        return { ok: await within(calls[name](...values), 'timed_out') };
      } catch (error) {
        return { error: { code: error?.code ?? 'page_error', message: String(error?.message ?? error) } };
      }
    },
  };
})();
