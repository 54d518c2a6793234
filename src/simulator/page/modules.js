// The modules that WhatsApp Web's own code, and whoever drives the page, requires by name.
(() => {
  'use strict';

  const { MsgModel, ChatModel, ContactModel, MsgCollection, ChatCollection, ContactCollection, CmdImpl } = window.Simulated;
  const { Wid, MsgKey, Socket, Stream, Conn, LinkDeviceEvents, Cmd, Msg, Chat, Contact, chatOf, client } = window.Simulated;

  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

  Cmd.refreshQR = () => client.refreshQR();
  Socket.logout = () => client.logOut();
  // Whether the person looks at the page, which is when the chat open in it counts as read.
  Stream.markAvailable = () => Stream.set({ available: true });
  Stream.markUnavailable = () => Stream.set({ available: false });

  const define = (name, make) => window.__d(name, typeof make === 'function' ? make : () => make);

  define('WAWebSocketModel', { Socket });
  define('WAWebStreamModel', { Stream, StreamMode: { QR: 'QR', SYNCING: 'SYNCING', MAIN: 'MAIN' } });
  define('WAWebConnModel', { Conn });
  define('WAWebCmd', { Cmd, CmdImpl });
  define('WAWebCollections', { Msg, Chat, Contact });
  define('WAWebMsgCollection', { MsgCollection: Msg, MsgCollectionImpl: MsgCollection });
  define('WAWebChatCollection', { ChatCollection: Chat, ChatCollectionImpl: ChatCollection });
  define('WAWebContactCollection', { ContactCollection: Contact, ContactCollectionImpl: ContactCollection });
  define('WAWebMsgModel', { Msg: MsgModel });
  define('WAWebChatModel', { Chat: ChatModel });
  define('WAWebContactModel', { Contact: ContactModel });

  define('WAWebUserPrefsInfoStore', {
    waNoiseInfo: { get: () => ({ staticKeyPair: { pubKey: bytes(client.storage.keys.noise) } }) },
  });
  define('WAWebSignalStoreApi', {
    waSignalStore: {
      getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: bytes(client.storage.keys.identity) } }),
    },
  });
  define('WABase64', { encodeB64: base64, decodeB64: bytes });
  define('WAWebUserPrefsMultiDevice', {
    getADVSecretKey: () => client.storage.advSecret,
    getADVSignedIdentity: () => client.storage.signedIdentity,
    setADVSignedIdentity: (identity) => client.storage.sign(identity),
  });
  define('WAWebCompanionRegClientUtils', { DEVICE_PLATFORM: '1' });
  const ownPhone = () => (client.account ? new Wid(`${client.account.phone}@c.us`) : undefined);
  const ownLid = () => (client.account ? new Wid(`${client.account.lid}@lid`) : undefined);
  const orThrow = (wid) => {
    if (!wid) throw new Error('this device is not linked');
    return wid;
  };
  define('WAWebUserPrefsMeUser', {
    getMaybeMePnUser: ownPhone,
    getMaybeMeLidUser: ownLid,
    getMaybeMeUser: ownPhone,
    getMePnUserOrThrow: () => orThrow(ownPhone()),
    getMeLidUserOrThrow: () => orThrow(ownLid()),
  });
  define('WAWebLinkDeviceEvents', { WAWebLinkDeviceEvents: LinkDeviceEvents });
  define('WAWebAltDeviceLinkingApi', {
    setPairingType: () => {},
    initializeAltDeviceLinking: async () => {},
    startAltLinkingFlow: (phone) => client.ask('linking_code', { user: phone }).then((answer) => answer.code),
  });

  define('WAWebWid', { default: Wid });
  define('WAWebWidFactory', {
    createWid: (text) => new Wid(text),
    createUserWid: (user, server = 'c.us') => new Wid(`${user}@${server}`),
    asUserWidOrThrow: (wid) => wid,
  });
  const queryWidExists = async (wid) => {
    const answer = await client.ask('exists', { user: wid.toString() });
    if (!answer.exists) return null;
    const lid = answer.lid && new Wid(answer.lid);
    if (lid) client.phones.set(lid.user, wid.user);
    return { wid: new Wid(`${wid.user}@c.us`), lid, biz: false };
  };
  define('WAWebQueryExistsJob', { queryWidExists, queryPhoneExists: (phone) => queryWidExists(new Wid(`${phone}@c.us`)) });

  /** The two ids of a person, as far as this device has heard of both. */
  const lidPnCache = {
    getPhoneNumber: (lid) => {
      const phone = client.phones.get(lid.user);
      return phone ? new Wid(`${phone}@c.us`) : undefined;
    },
    getCurrentLid: (wid) => {
      const [lid] = [...client.phones].find(([user, phone]) => phone === wid.user && user !== phone) ?? [];
      return lid ? new Wid(`${lid}@lid`) : undefined;
    },
  };
  define('WAWebLidPnCache', { lidPnCache });
  define('WAWebApiContact', { ...lidPnCache });
  define('WAWebFindChatAction', {
    findOrCreateLatestChat: async (wid) => {
      const { chat: id } = await client.ask('chat', { user: wid.toString() });
      const created = !Chat.get(id);
      return { chat: chatOf(id), created };
    },
  });

  define('WAWebMsgKey', { default: MsgKey });
  define('WAWebGetEphemeralFieldsMsgActionsUtils', { getEphemeralFields: () => ({}) });
  define('WAWebSendMsgChatAction', {
    addAndSendMsgToChat: (chat, message) => client.send(chat, message),
  });
  const wroteBefore = (chat) => chat.msgs.getModelsArray().some((message) => !message.id.fromMe || message.ack >= 1);
  define('WAWebReachoutTimelockUtils', {
    isUserReachoutTimelocked: () => client.timelocked,
    canSendMsgWhileTimelocked: ({ chat }) => wroteBefore(chat),
  });
  define('WAWebSendMsgRecordAction', { sendMsgRecord: (message) => client.resend(message) });
  define('WAWebHandleDirectChatReceipt', { handleChatSimpleReceipt: (receipt) => client.takeReceipt(receipt) });
  define('WAWebUpdateUnreadChatAction', {
    sendSeen: async ({ chat }) => {
      chat.unreadCount = 0;
    },
    // WhatsApp's own sign for "marked as unread by hand".
    markUnread: async (chat) => {
      chat.unreadCount = -1;
    },
  });
})();
