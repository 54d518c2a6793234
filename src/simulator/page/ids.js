// Who and what things are: people's ids and messages' keys.
(() => {
  'use strict';

  const SERVERS = ['c.us', 'lid', 'g.us', 'broadcast', 'newsletter', 'bot'];

  /** A WhatsApp id: `573001234567@c.us`, or `123456789012345@lid`. */
  class Wid {
    constructor(id) {
      const [user, server] = String(id?._serialized ?? id).split('@');
      this.user = user;
      this.server = server === 's.whatsapp.net' ? 'c.us' : server || 'c.us';
      this._serialized = `${this.user}@${this.server}`;
    }
    static isXWid(server, id) {
      return new Wid(id).server === server;
    }
    static isWid(id) {
      return SERVERS.includes(String(id).split('@')[1]);
    }
    isLid() {
      return this.server === 'lid';
    }
    isUser() {
      return this.server === 'c.us' || this.isLid();
    }
    isGroup() {
      return this.server === 'g.us';
    }
    isBroadcast() {
      return this.server === 'broadcast';
    }
    isStatus() {
      return this._serialized === 'status@broadcast';
    }
    isStatusV3() {
      return this.isStatus();
    }
    isNewsletter() {
      return this.server === 'newsletter';
    }
    isBot() {
      return this.server === 'bot';
    }
    /** WhatsApp's own announcements come from user 0. */
    isPSA() {
      return this._serialized === '0@c.us';
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
    constructor(key) {
      // Clients recognise the class among all modules by this text.
      if (!key) throw new Error('MsgKey error: obj is null/undefined');
      const { from, to, id, remote, fromMe, selfDir } = key;
      this.fromMe = fromMe ?? selfDir === 'out';
      this.remote = remote ?? (this.fromMe ? to : from);
      this.id = id;
      this.self = selfDir;
      this._serialized = `${this.fromMe}_${this.remote}_${this.id}`;
    }
    toString() {
      return this._serialized;
    }
    equals(other) {
      return this._serialized === other?._serialized;
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

  Object.assign(window.Simulated, { Wid, MsgKey });
})();
