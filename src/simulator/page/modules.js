// The modules that WhatsApp Web's own code, and whoever drives the page, requires by name.
(() => {
  'use strict';

  const { Model, Collection, Events } = window.Simulated;

  /** A WhatsApp id: `573001234567@c.us`, or `123456789012345@lid`. */
  class Wid {
    constructor(text) {
      const [user, server] = String(text).split('@');
      this.user = user;
      this.server = server === 's.whatsapp.net' ? 'c.us' : server || 'c.us';
      this._serialized = `${this.user}@${this.server}`;
    }
    isLid() {
      return this.server === 'lid';
    }
    isUser() {
      return true;
    }
    equals(other) {
      return this._serialized === other?._serialized;
    }
    toString() {
      return this._serialized;
    }
    toJid() {
      return this._serialized;
    }
  }

  /** A message's key: direction, chat and id. */
  class MsgKey {
    constructor({ from, to, id, remote, fromMe, selfDir }) {
      this.fromMe = fromMe ?? selfDir === 'out';
      this.remote = remote ?? (this.fromMe ? to : from);
      this.id = id;
      this.self = selfDir;
      this._serialized = `${this.fromMe}_${this.remote}_${this.id}`;
    }
    toString() {
      return this._serialized;
    }
    clone() {
      return new MsgKey(this);
    }
    static newId() {
      return `3EB0${[...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase();
    }
    static fromString(text) {
      const [fromMe, remote, id] = text.split('_');
      return new MsgKey({ fromMe: fromMe === 'true', remote: new Wid(remote), id });
    }
  }

  const Socket = new Model({ state: 'OPENING', stream: 'DISCONNECTED', hasSynced: false });
  const Stream = new Model({ mode: 'QR', info: 'OPENING', displayInfo: 'OPENING' });
  const Conn = new Model({ ref: undefined, wid: undefined, platform: 'android', pushname: '' });
  const Cmd = new Events();
  const Msg = new Collection();
  const Chat = new Collection();

  /** Filled in by the client once it runs. */
  const client = {};
  Object.assign(window.Simulated, { Wid, MsgKey, Socket, Stream, Conn, Cmd, Msg, Chat, client });

  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

  Cmd.refreshQR = () => client.refreshQR();
  Socket.logout = () => client.logOut();

  const define = (name, make) => window.__d(name, typeof make === 'function' ? make : () => make);

  define('WAWebSocketModel', { Socket });
  define('WAWebStreamModel', { Stream, StreamMode: { QR: 'QR', SYNCING: 'SYNCING', MAIN: 'MAIN' } });
  define('WAWebConnModel', { Conn });
  define('WAWebCmd', { Cmd });
  define('WAWebCollections', { Msg, Chat });
  define('WAWebMsgCollection', { MsgCollection: Msg });
  define('WAWebChatCollection', { ChatCollection: Chat });

  define('WAWebUserPrefsInfoStore', {
    waNoiseInfo: { get: () => ({ staticKeyPair: { pubKey: bytes(client.storage.keys.noise) } }) },
  });
  define('WAWebSignalStoreApi', {
    waSignalStore: {
      getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: bytes(client.storage.keys.identity) } }),
    },
  });
  define('WABase64', { encodeB64: base64, decodeB64: bytes });
  define('WAWebUserPrefsMultiDevice', { getADVSecretKey: () => client.storage.advSecret });
  define('WAWebCompanionRegClientUtils', { DEVICE_PLATFORM: '1' });
  define('WAWebUserPrefsMeUser', {
    getMaybeMePnUser: () => (client.account ? new Wid(`${client.account.phone}@c.us`) : undefined),
    getMaybeMeLidUser: () => (client.account ? new Wid(`${client.account.lid}@lid`) : undefined),
    getMaybeMeUser: () => (client.account ? new Wid(`${client.account.phone}@c.us`) : undefined),
  });
  define('WAWebAltDeviceLinkingApi', {
    setPairingType: () => {},
    initializeAltDeviceLinking: async () => {},
    startAltLinkingFlow: (phone) => client.ask('pairing_code', { phone }).then((answer) => answer.code),
  });

  define('WAWebWidFactory', {
    createWid: (text) => new Wid(text),
    createUserWid: (user, server = 'c.us') => new Wid(`${user}@${server}`),
    asUserWidOrThrow: (wid) => wid,
  });
  define('WAWebQueryExistsJob', {
    queryWidExists: async (wid) => {
      const answer = await client.ask('exists', { user: wid.toString() });
      return answer.exists ? { wid: new Wid(`${wid.user}@c.us`), lid: answer.lid && new Wid(answer.lid) } : null;
    },
  });
  define('WAWebApiContact', {
    getPhoneNumber: (wid) => {
      const phone = client.phones.get(wid.user);
      return phone ? new Wid(`${phone}@c.us`) : undefined;
    },
  });
  define('WAWebFindChatAction', {
    findOrCreateLatestChat: async (wid) => {
      const { chat } = await client.ask('chat', { user: wid.toString() });
      return { chat: client.chat(chat) };
    },
  });

  define('WAWebMsgKey', { default: MsgKey });
  define('WAWebGetEphemeralFieldsMsgActionsUtils', { getEphemeralFields: () => ({}) });
  define('WAWebSendMsgChatAction', {
    addAndSendMsgToChat: (chat, message) => client.send(chat, message),
  });
  define('WAWebSendMsgRecordAction', { sendMsgRecord: (message) => client.resend(message) });
  define('WAWebHandleDirectChatReceipt', { handleChatSimpleReceipt: () => {} });
})();
