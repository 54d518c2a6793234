// What the page knows: the states of its connection, and its chats, contacts and messages.
(() => {
  'use strict';

  const { Events, Model, Collection, Wid, MsgKey } = window.Simulated;

  /** The fields by which a message carries a file; its bytes are elsewhere. */
  const FILE = [
    'caption', 'mimetype', 'filename', 'size', 'width', 'height', 'filehash', 'encFilehash', 'directPath', 'mediaKey', 'mediaKeyTimestamp',
  ];
  const fileOf = (values) => Object.fromEntries(FILE.filter((name) => values[name] != null).map((name) => [name, values[name]]));

  /** Messages that stay in memory. */
  const KEPT = 500;

  /** A message. */
  class MsgModel extends Model {
    /** Its place in the order of all messages, once it is stored. */
    row;

    /** From the form in which it is stored and told. */
    static fromRecord(record, isNewMsg) {
      const { key, body, type = 'chat', t, ack, from, to } = record;
      // The sender's own key stays the very object that it is: clients compare it.
      const id = record.id instanceof MsgKey ? record.id : MsgKey.fromString(key);
      const message = { id, body, type, t, ack, from: new Wid(from), to: new Wid(to), isNewMsg, ...fileOf(record) };
      if (record.directPath) {
        const { mimetype, size, filehash } = record;
        message.mediaData = new Model({ type, mimetype, size, filehash, mediaStage: 'NEED_POKE' });
        message.mediaObject = new Model({ type, size, filehash });
      }
      return Object.assign(new MsgModel(message), { row: record.row });
    }

    /** Whether nothing is to come for it any more: it was received, or has been read. */
    get isSettled() {
      return !this.id.fromMe || this.ack >= 3;
    }

    toRecord() {
      const { id, body, type, t, ack, from, to, row } = this;
      return { key: id.toString(), body, type, t, ack, from: from.toString(), to: to.toString(), row, ...fileOf(this) };
    }
  }
  MsgModel.prototype.proxyName = 'msg';

  /** The newest messages, and those that something is still to come for. All others are in the storage, and found there. */
  class MsgCollection extends Collection {
    add(model) {
      const added = super.add(model);
      if (this.index.size > KEPT) this.#dropOldest();
      return added;
    }

    /** Without an event: the message is not removed, it is only not here any more. */
    #dropOldest() {
      for (const [id, model] of this.index) {
        if (this.index.size <= KEPT) return;
        if (model.isSettled) this.index.delete(id);
      }
    }

    /** The message with that id, brought back from the storage where it has to be. */
    async find(id) {
      const known = this.get(id);
      if (known) return known;
      const record = await client.storage?.message(String(id?._serialized ?? id));
      return record && this.add(MsgModel.fromRecord(record, false));
    }

    async getMessagesById(ids) {
      const messages = await Promise.all(ids.map((id) => this.find(id)));
      return { messages: messages.filter(Boolean) };
    }

    /** Takes in what came for a chat; all of it passes through here, where clients look at it first. */
    async processMultipleMessages(chat, messages) {
      return messages.map((message) => this.add(message));
    }
  }

  /** Whether somebody is online; nobody tells the simulator. */
  class PresenceModel extends Model {
    constructor(values) {
      super({ isOnline: false, hasData: false, ...values });
    }

    async subscribe() {
      Presence.add(this);
    }
  }

  /** The messages of a chat, which are those in the store of all messages that are in memory. */
  class ChatMessages extends Events {
    #ours;

    constructor(chat) {
      super();
      this.#ours = (message) => (message?.id.remote.equals(chat) ? message : undefined);
      Msg.on('add', (message) => this.#ours(message) && this.trigger('add', message));
    }

    get(id) {
      return this.#ours(Msg.get(id));
    }

    getModelsArray() {
      return Msg.getModelsArray().filter(this.#ours);
    }
  }

  /** A chat. */
  class ChatModel extends Model {
    #presence;
    #messages;

    constructor(values) {
      super({ name: values.id.user, unreadCount: 0, t: 0, lastReceivedKey: undefined, ...values });
    }

    get formattedTitle() {
      return this.name;
    }

    get presence() {
      this.#presence ??= new PresenceModel({ id: this.id });
      return this.#presence;
    }

    get msgs() {
      this.#messages ??= new ChatMessages(this.id);
      return this.#messages;
    }
  }
  ChatModel.prototype.proxyName = 'chat';

  class ChatCollection extends Collection {}

  class ContactModel extends Model {
    constructor(values) {
      super({ name: values.id.user, ...values });
    }
  }
  ContactModel.prototype.proxyName = 'contact';

  class ContactCollection extends Collection {}

  class CmdImpl extends Events {
    isMainLoaded = false;
  }

  const Socket = new Model({ state: 'OPENING', stream: 'DISCONNECTED', hasSynced: false });
  const Stream = new Model({ mode: 'QR', info: 'OPENING', displayInfo: 'OPENING', available: false });
  const Conn = new Model({ ref: undefined, wid: undefined, platform: 'android', pushname: '' });
  const Network = new Model({ online: false });
  const LinkDeviceEvents = new Events();
  const Cmd = new CmdImpl();
  const Msg = new MsgCollection(MsgModel);
  const Chat = new ChatCollection(ChatModel);
  const Contact = new ContactCollection(ContactModel);
  const Presence = new Collection(PresenceModel);

  /** The chat with that id, made where there is none yet, and its contact with it. */
  const chatOf = (id) => {
    const wid = new Wid(id);
    Contact.get(wid) ?? Contact.add(new ContactModel({ id: wid }));
    return Chat.get(wid) ?? Chat.add(new ChatModel({ id: wid }));
  };

  /** Filled in by the client once it runs. */
  const client = {};
  Object.assign(window.Simulated, {
    MsgModel, MsgCollection, ChatModel, ChatCollection, ContactModel, ContactCollection, CmdImpl,
    Socket, Stream, Conn, Network, LinkDeviceEvents, Cmd, Msg, Chat, Contact, Presence, chatOf, client,
  });
})();
