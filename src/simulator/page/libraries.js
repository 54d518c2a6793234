// The modules that only the public client libraries require: whatsapp-web.js by name, wa-js by what they export. The tests in
// tests/conformance run both. What the simulator has no counterpart of (calls, statuses, blocked people) is here, and empty.
(() => {
  'use strict';

  const { Events, Model, Collection, Socket, Network, Msg, Presence, client } = window.Simulated;
  const define = (name, make) => window.__d(name, typeof make === 'function' ? make : () => make);
  const VERSION = '2.3000.1038792969-simulated';

  // What this device is to its phone.
  define('WAWebSessionStorage', { isLoggedIn: () => Boolean(client.account), isRegistered: () => Boolean(client.account) });
  define('WAWebAdvSignatureApi', {});
  define('WAWebOfflineHandler', { OfflineMessageHandler: { getOfflineDeliveryProgress: () => client.loaded ?? 0 } });
  define('WAWebSyncGatingUtils', { isPlaceholderMessageResendEnabled: () => false });
  define('WAWebBuildConstants', { VERSION_STR: VERSION, SANITIZED_VERSION_STR: VERSION });

  // Constants.
  const named = (...names) => Object.fromEntries(names.map((name) => [name, name]));
  define('WAWebSocketConstants', {
    SOCKET_STATE: named(
      'OPENING', 'PAIRING', 'UNPAIRED', 'UNPAIRED_IDLE', 'CONNECTED', 'TIMEOUT', 'CONFLICT', 'UNLAUNCHED', 'PROXYBLOCK', 'TOS_BLOCK',
      'SMB_TOS_BLOCK', 'DEPRECATED_VERSION',
    ),
    SOCKET_STREAM: named('DISCONNECTED', 'SYNCING', 'RESUMING', 'CONNECTED'),
  });
  define('WAWebAck', {
    ACK: { FAILED: -1, CLOCK: 0, SENT: 1, RECEIVED: 2, READ: 3, PLAYED: 4 },
    ACK_STRING: { SENDER: 'sender', DELIVERY: 'delivery', READ: 'read', PLAYED: 'played' },
  });

  // Connection.
  Network.checkOnline = () => Network.online;
  define('WAWebNetworkStatus', { default: Network });
  const BackendEvent = { SET_SOCKET_STATE: 'set_socket_state' };
  const BackendEventBus = new Events();
  Socket.on('change:state', (_, state) => BackendEventBus.trigger(BackendEvent.SET_SOCKET_STATE, state));
  define('WAWebBackendEventBus', { BackendEventBus, BackendEvent });

  // Collections.
  class CallCollection extends Collection {
    processIncomingCall(call) {
      return this.add(new Model(call));
    }
  }
  define('WAWebCallCollection', { default: new CallCollection() });
  define('WAWebPresenceCollection', { PresenceCollection: Presence });
  define('WAWebBlocklistCollection', { BlocklistCollection: new Collection() });
  define('WAWebStatusCollection', { StatusCollection: new Collection() });

  // Chats and messages.
  define('WATimeUtils', { unixTime: () => Math.floor(Date.now() / 1000), unixTimeMs: () => Date.now() });
  define('WAWebChatGetters', {
    getIsNewsletter: (chat) => chat.id.isNewsletter(),
    getIsBroadcast: (chat) => chat.id.isBroadcast(),
    getIsGroup: (chat) => chat.id.isGroup(),
    getIsUser: (chat) => chat.id.isUser(),
  });
  define('WAWebChatMessageSearch', {
    getSearchContext: ({ chat, msgKey }) => ({
      collection: { loadAroundPromise: Msg.find(msgKey), get: (key) => chat.msgs.get(key) },
      msg: Msg.get(msgKey),
      key: msgKey,
      highlightMsg: true,
    }),
  });

  // Links: found, and never followed.
  const findLinks = (text) => [...String(text ?? '').matchAll(/https?:\/\/\S+/g)].map(([url]) => ({ url, href: url }));
  define('WALinkify', { findLinks, findLink: (text) => findLinks(text)[0] });
  define('WAWebLinkPreviewChatAction', { getLinkPreview: async () => undefined });

  // Last, since clients take it for the sign that the modules are there.
  window.Debug = { VERSION };
})();
