// The bridge between WhatsApp Web and the server: reads state, sends text and files, reports receipts and what came in, fetches files.
// Nothing else: no other network, no analytics, no change to the page. It runs in every new document before the page's own scripts.
//
// WhatsApp changes its modules often; every name this file depends on is in these lists, and `snapshot` tells which are missing.
(() => {
  'use strict';
  if (window.whatsmassive || window.top !== window) return;

  const MODULES = [
    'WAWebSocketModel', 'WAWebStreamModel', 'WAWebConnModel', 'WAWebUserPrefsInfoStore', 'WAWebSignalStoreApi', 'WABase64',
    'WAWebUserPrefsMultiDevice', 'WAWebCompanionRegClientUtils', 'WAWebCmd', 'WAWebUserPrefsMeUser', 'WAWebQueryExistsJob',
    'WAWebWidFactory', 'WAWebFindChatAction', 'WAWebMsgKey', 'WAWebGetEphemeralFieldsMsgActionsUtils', 'WAWebSendMsgChatAction',
    'WAWebSendMsgRecordAction', 'WAWebCollections',
  ];
  /** Only for files: without them a text still goes. */
  const MEDIA_MODULES = [
    'WAWebMediaOpaqueData', 'WAWebPrepRawMedia', 'WAWebMediaStorage', 'WAWebMmsMediaTypes', 'WAWebMediaDataUtils',
    'WAWebMediaInMemoryBlobCache', 'WAWebMediaMmsV4Upload', 'WAWebDownloadManager',
  ];
  /** Before the link only for codes that are typed into a phone, and after it only for telling whose number an id hides. */
  const OTHER_MODULES = { QR: ['WAWebAltDeviceLinkingApi'], MAIN: ['WAWebApiContact'] };
  const CALL_MS = 12_000;
  /** For calls that move a file: 16 MB take half a minute on a line of 5 Mbit/s, and WhatsApp encrypts them before. */
  const MEDIA_CALL_MS = 60_000;
  /** Of that, until the file is on WhatsApp's server. The message follows only then: what took longer has certainly not left. */
  const UPLOAD_MS = 45_000;
  /** The largest file that is fetched, in bytes: what crosses the bridge is held in memory several times over. */
  const LARGEST_FETCH = 16 * 2 ** 20;
  const POLL_MS = 500;
  /** Receipts and received messages that are told again when the page has loaded: so many of each. */
  const CAUGHT_UP = 500;
  /** Of the received ones that are in the page since before, only those of the last three days, in seconds. */
  const RECENT_S = 3 * 24 * 3600;
  /** Answers to "is it on WhatsApp" that are kept, and how long a "no" is. */
  const [KNOWN_PEOPLE, ABSENT_MS] = [5_000, 10 * 60_000];
  /**
   * How WhatsApp asks for a passkey before it links: an event, and then a screen. Both are as in copies of its page's code of July 2026, and
   * neither is needed for anything else, so that a page without them is not out of date.
   */
  const LINKING = 'WAWebLinkDeviceEvents';
  const [PASSKEY_EVENT, PASSKEY_SCREEN] = ['link_device_events:passkey_prologue_request', '[data-testid^="shortcake_"]'];
  /**
   * WhatsApp's limit on opening new chats: its server refuses a message with error 463, and the page then knows that the account is "reachout
   * timelocked". The module and its functions are as in copies of its page's code of 2026; nothing else needs them. Whether the error's
   * number reaches whoever sends is not known, so both count, and the page gets a moment to hear of it. What the page knows to be refused is
   * not tried, as on its own screen.
   */
  const TIMELOCK = 'WAWebReachoutTimelockUtils';
  const [NEW_CHATS_ERROR, REFUSAL_MS] = [/\b463\b/, 2_000];
  /** Types of messages that carry a file, and the kinds the server knows. */
  const KINDS = { image: 'image', sticker: 'image', video: 'video', audio: 'audio', ptt: 'audio', document: 'document' };

  /** One document's number: what an earlier document said does not count any more. */
  const epoch = `${Date.now()}-${Math.random()}`;
  const tell = (event) => window.whatsmassiveTell(JSON.stringify({ epoch, ...event }));
  const load = (name) => window.require(name);
  const keyOf = (message) => message.id._serialized || String(message.id);

  /** An error with a stable code, which is what crosses the bridge. */
  const failure = (code, cause) => Object.assign(new Error(String(cause?.message ?? cause ?? code)), { code });

  /** Waits for what has a time limit. The poll ends them: a timer for each would leave more garbage than the call itself. */
  const waits = new Set();

  /** The promise, or a failure once the time is up; what was begun goes on, and nobody hears of it. */
  const within = (promise, milliseconds, code, cause) => {
    const wait = { until: performance.now() + milliseconds };
    const late = new Promise((_, reject) => (wait.end = () => reject(failure(code, cause))));
    waits.add(wait);
    // Not kept any longer: a wait holds on to the answer, which may be a file.
    return Promise.race([promise, late]).finally(() => waits.delete(wait));
  };

  const endLateWaits = () => {
    for (const { until, end } of waits) if (performance.now() > until) end();
  };

  const absent = (names) =>
    names.filter((name) => {
      try {
        return !load(name);
      } catch {
        return true;
      }
    });

  let [passkeyAsked, heedsLinking] = [false, false];

  const snapshot = () => {
    const known = {
      missing: absent(MODULES), media_missing: [], others_missing: [], modules: MODULES.length,
      version: window.Debug?.VERSION ?? null, post_logout: location.search.includes('post_logout=1'),
    };
    if (known.missing.length > 0) return known;
    const { Socket } = load('WAWebSocketModel');
    const { Stream } = load('WAWebStreamModel');
    const phone = load('WAWebUserPrefsMeUser').getMaybeMePnUser()?.user ?? null;
    return {
      ...known,
      // Before that the page need not have loaded what only chats use.
      media_missing: Stream.mode === 'MAIN' ? absent(MEDIA_MODULES) : [],
      others_missing: absent(OTHER_MODULES[Stream.mode] ?? []),
      socket: Socket.state ?? null,
      synced: Boolean(Socket.hasSynced),
      mode: Stream.mode ?? null,
      phone,
      passkey: !phone && (passkeyAsked || document.querySelector(PASSKEY_SCREEN) !== null),
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
  let [refreshing, listening, caughtUp] = [false, false, false];

  /** Tells what is different from what was told last. It reads the state, so a missed event costs at most a poll. */
  const look = async () => {
    const now = snapshot();
    // Before the state, after which messages may be sent: who has asked for none meanwhile gets none.
    if (listening && !caughtUp && now.synced && now.mode === 'MAIN') {
      caughtUp = true;
      catchUp();
    }
    const text = JSON.stringify(now);
    if (text !== toldState) {
      toldState = text;
      tell({ type: 'state', snapshot: now });
    }
    if (now.missing.length > 0 || now.phone || now.passkey) return;
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

  /** Tells of a text or a file that came. The `body` of a file's message is a small picture of it, the text is its caption. */
  const tellInbound = (message) => {
    const kind = KINDS[message.type];
    if (!kind && message.type !== 'chat') return;
    const { id, from, t, mimetype: mime = null, filename: name = null, size = null } = message;
    const body = kind ? (message.caption ?? '') : message.body;
    const media = kind ? { kind, mime, name, size } : null;
    tell({ type: 'inbound', id: id.id, key: keyOf(message), phone: phoneOf(from), body, t, media });
  };

  const received = new WeakSet();
  const onReceived = (message) => {
    if (received.has(message)) return;
    received.add(message);
    // Without the key to it yet: it gets its type when it can be read.
    if (message.type === 'ciphertext') message.once('change:type', () => tellInbound(message));
    else tellInbound(message);
  };

  const listen = () => {
    const { Msg } = load('WAWebCollections');
    Msg.on('change:ack', (message, ack) => {
      if (message.id.fromMe) tell({ type: 'ack', id: message.id.id, ack });
    });
    Msg.on('add', (message) => {
      if (message.isNewMsg && !message.id.fromMe) onReceived(message);
    });
    load('WAWebSocketModel').Socket.on('change:state change:hasSynced', () => void look());
    load('WAWebConnModel').Conn.on('change:ref', () => void look());
  };

  /**
   * Tells what happened before anybody listened, as after a restart; once, and not before the page has loaded its messages. Receipts may
   * be told any number of times. Of what was received: all that is new to this document, and the part of the rest that is recent and
   * that nobody has read, which a server that ended at the wrong moment has not got. One that has drops it by its id.
   */
  const catchUp = () => {
    const { Msg, Chat } = load('WAWebCollections');
    const messages = Msg.getModelsArray();
    const sent = messages.filter((message) => message.id.fromMe && message.ack >= 1);
    for (const message of sent.slice(-CAUGHT_UP)) tell({ type: 'ack', id: message.id.id, ack: message.ack });
    const since = Date.now() / 1000 - RECENT_S;
    const unread = new Map(Chat.getModelsArray().map((chat) => [String(chat.id), chat.unreadCount]));
    const others = messages.filter((message) => !message.id.fromMe).reverse();
    const missed = others.sort((one, other) => other.t - one.t).filter((message) => {
      const chat = String(message.id.remote);
      const left = unread.get(chat) ?? 0;
      unread.set(chat, left - 1);
      return message.isNewMsg || (left > 0 && message.t >= since);
    });
    missed.slice(0, CAUGHT_UP).reverse().forEach(onReceived);
  };

  /** Its module comes with the screen for linking, perhaps later than those that are needed. */
  const heedLinking = () => {
    if (absent([LINKING]).length > 0) return;
    heedsLinking = true;
    load(LINKING)[LINKING]?.on?.(PASSKEY_EVENT, () => {
      passkeyAsked = true;
    });
  };

  setInterval(() => {
    endLateWaits();
    if (!heedsLinking) heedLinking();
    if (!listening && absent(MODULES).length === 0) {
      listening = true;
      listen();
    }
    look().catch((error) => tell({ type: 'trouble', message: String(error?.message ?? error) }));
  }, POLL_MS);

  /** Keys of messages that the server has refused with the error that means new chats. */
  const refusedAsNew = new Set();

  const noteResult = (key, result) => {
    const said = [result?.message, result?.code, result?.error, result?.errorCode].join(' ');
    if (NEW_CHATS_ERROR.test(said)) refusedAsNew.add(key);
  };

  const isTimelocked = () => absent([TIMELOCK]).length === 0 && Boolean(load(TIMELOCK).isUserReachoutTimelocked?.());

  const isRefusedBefore = (chat) => {
    try {
      return isTimelocked() && load(TIMELOCK).canSendMsgWhileTimelocked({ chat, contact: chat.contact }) === false;
    } catch {
      return false;
    }
  };

  /** Tells of a message that the server refuses. */
  const followResult = (key, id, result) => {
    const failed = (error) => {
      noteResult(key, error);
      tell({ type: 'ack', id, ack: -1 });
    };
    Promise.resolve(result).then((answer) => noteResult(key, answer), failed);
  };

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

  /**
   * Who is on WhatsApp, by phone. A "yes" holds for the life of the document: hardly anybody leaves, and asking before every message is
   * what WhatsApp takes for a search through numbers. A "no" holds for minutes, since people join. An error says nothing: it is not kept.
   */
  const people = new Map();

  /** The id under which WhatsApp knows a phone, or null where it does not. */
  const widOf = async (phone) => {
    const known = people.get(phone);
    if (known && Date.now() < known.until) return known.wid;
    const asked = load('WAWebWidFactory').createWid(`${phone}@c.us`);
    const found = await load('WAWebQueryExistsJob').queryWidExists(asked);
    const wid = found ? (found.wid ?? asked) : null;
    people.delete(phone);
    people.set(phone, { wid, until: found ? Infinity : Date.now() + ABSENT_MS });
    if (people.size > KNOWN_PEOPLE) people.delete(people.keys().next().value);
    return wid;
  };

  const needMediaModules = () => {
    const [lost] = absent(MEDIA_MODULES);
    if (lost) throw failure('media_refused', `${lost} is missing`);
  };

  /** Gets a file ready the way WhatsApp's own page does: measured, made smaller where it must be, with a small picture. */
  const prepare = async ({ kind, mime, name, base64 }) => {
    const OpaqueData = load('WAWebMediaOpaqueData');
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    const file = await OpaqueData.createFromData(new File([bytes], name ?? '', { type: mime }), mime);
    // An audio file stays one: a voice note would play differently, and show a microphone.
    const how = { asDocument: kind === 'document', isPtt: false };
    const data = await load('WAWebPrepRawMedia').prepRawMedia(file, how).waitForPrep();
    if (!data.filehash) throw failure('media_refused', 'the page made nothing of the file');
    const { mediaBlob: blob } = data;
    if (!(blob instanceof OpaqueData)) data.mediaBlob = await OpaqueData.createFromData(blob, blob.type);
    return data;
  };

  /** Brings a file to WhatsApp's server; gives the fields by which a message carries it. */
  const upload = async (media) => {
    const data = await prepare(media);
    const object = load('WAWebMediaStorage').getOrCreateMediaObject(data.filehash);
    const { msgToMediaType, castToV4 } = load('WAWebMmsMediaTypes');
    data.renderableUrl = data.mediaBlob.url();
    object.consolidate(data.toJSON());
    data.mediaBlob.autorelease();
    if (load('WAWebMediaDataUtils').shouldUseMediaCache(castToV4(object.type))) {
      load('WAWebMediaInMemoryBlobCache').InMemoryMediaBlobCache.put(object.filehash, data.mediaBlob.formData());
    }
    const mediaType = msgToMediaType({ type: data.type, isGif: data.isGif, isNewsletter: false });
    const { mediaEntry } = await load('WAWebMediaMmsV4Upload').uploadMedia({ mimetype: data.mimetype, mediaObject: object, mediaType });
    if (!mediaEntry) throw failure('media_refused', 'the server gave the file no place');
    data.set({
      clientUrl: mediaEntry.mmsUrl, deprecatedMms3Url: mediaEntry.deprecatedMms3Url, directPath: mediaEntry.directPath,
      mediaKey: mediaEntry.mediaKey, mediaKeyTimestamp: mediaEntry.mediaKeyTimestamp, filehash: object.filehash,
      encFilehash: mediaEntry.encFilehash, uploadhash: mediaEntry.uploadHash, size: object.size,
      streamingSidecar: mediaEntry.sidecar, firstFrameSidecar: mediaEntry.firstFrameSidecar,
    });
    return { ...data, ...data.toJSON(), ...(media.kind === 'document' && { filename: media.name }) };
  };

  /** What a message says: a text, or a file with a text under it. Nothing leaves here but the file itself. */
  const contentOf = async (body, media) => {
    if (!media) return { body, type: 'chat' };
    needMediaModules();
    const uploaded = within(upload(media), UPLOAD_MS, 'media_refused', 'the upload took too long');
    const file = await uploaded.catch((error) => Promise.reject(failure('media_refused', error)));
    return { ...file, body: file.preview, caption: body, isCaptionByUser: body !== '' };
  };

  const base64From = async (bytes) => {
    const reader = new FileReader();
    reader.readAsDataURL(new Blob([bytes]));
    await new Promise((resolve) => (reader.onloadend = resolve));
    return reader.result.slice(reader.result.indexOf(',') + 1);
  };

  /** WhatsApp wants to be told how a download went; nobody does. */
  const unmeasured = { addAnnotations: () => unmeasured, addPoint: () => unmeasured };

  const download = async (message) => {
    const { directPath, encFilehash, filehash, mediaKey, mediaKeyTimestamp, type } = message;
    const file = { directPath, encFilehash, filehash, mediaKey, mediaKeyTimestamp, type };
    const how = { signal: AbortSignal.timeout(MEDIA_CALL_MS), downloadQpl: unmeasured };
    try {
      return await load('WAWebDownloadManager').downloadManager.downloadAndMaybeDecrypt({ ...file, ...how });
    } catch (error) {
      throw [404, 410].includes(error?.status) ? failure('media_gone', error) : error;
    }
  };

  const calls = {
    snapshot: async () => snapshot(),

    /** The full key that a message to `phone` with `id` will have. */
    address: async (phone, id) => {
      const wid = await widOf(phone);
      if (!wid) throw failure('not_on_whatsapp');
      const { key } = keyFor(await chatWith(wid), id);
      return { key: key._serialized || String(key) };
    },

    /** A code that links by phone number: it is typed into the phone in place of scanning. */
    linkingCode: async (phone) => {
      const linking = load('WAWebAltDeviceLinkingApi');
      linking.setPairingType('ALT_DEVICE_LINKING');
      await linking.initializeAltDeviceLinking();
      return { code: await linking.startAltLinkingFlow(phone, true) };
    },

    /** Hands a message, with a file or without, to WhatsApp's own sending; receipts tell what becomes of it. */
    send: async (key, body, media) => {
      const until = Date.now() + (media ? MEDIA_CALL_MS : CALL_MS);
      const known = await findMessage(key);
      if (known?.ack >= 1) return { ack: known.ack };
      const { remote, id } = parseKey(key);
      const chat = await chatWith(remote);
      // One in the outbox may have left, and is sent on all the same.
      if (known?.ack !== 0 && isRefusedBefore(chat)) throw failure('new_chats_restricted');
      if (known) {
        followResult(key, id, load('WAWebSendMsgRecordAction').sendMsgRecord(known));
        return { ack: 0 };
      }
      const { from, key: messageKey } = keyFor(chat, id);
      const message = {
        ...load('WAWebGetEphemeralFieldsMsgActionsUtils').getEphemeralFields(chat),
        ...(await contentOf(body, media)),
        id: messageKey, ack: 0, from, to: chat.id, local: true, self: 'out', t: Math.floor(Date.now() / 1000), isNewMsg: true,
      };
      // The call has ended without an answer, and the message may by now be on its way again.
      if (Date.now() > until) throw failure('timed_out');
      const [stored, result] = load('WAWebSendMsgChatAction').addAndSendMsgToChat(chat, message);
      followResult(key, id, result);
      await stored;
      return { ack: 0 };
    },

    /** Whether a message was refused because the account may not open new chats for now. */
    refusal: async (key) => {
      const until = performance.now() + REFUSAL_MS;
      while (!refusedAsNew.has(key) && !isTimelocked()) {
        if (performance.now() > until) return { new_chats: false };
        await new Promise((resolve) => setTimeout(resolve, POLL_MS / 5));
      }
      refusedAsNew.delete(key);
      return { new_chats: true };
    },

    /** The file of a message that came. */
    fetchMedia: async (key) => {
      needMediaModules();
      const message = await findMessage(key);
      if (!message) throw failure('message_not_found');
      if (!message.mediaData || !message.directPath) throw failure('no_media');
      if (message.size > LARGEST_FETCH) throw failure('media_too_large', `${message.size} bytes`);
      const stage = () => message.mediaData.mediaStage ?? '';
      // WhatsApp asks the sender's phone for what its server has dropped (REUPLOADING); while it does, there is nothing to be had.
      if (!/RESOLVED|REUPLOADING/.test(stage())) await message.downloadMedia({ downloadEvenIfExpensive: true, rmrReason: 1 });
      if (/ERROR|FETCHING|REUPLOADING/.test(stage())) throw failure('media_gone', stage());
      const bytes = await download(message);
      // The size above is what the sender said.
      if (bytes.byteLength > LARGEST_FETCH) throw failure('media_too_large', `${bytes.byteLength} bytes`);
      const { mimetype: mime = 'application/octet-stream', filename: name = null } = message;
      return { mime, name, size: bytes.byteLength, base64: await base64From(bytes) };
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
      const movesFile = name === 'fetchMedia' || (name === 'send' && Boolean(values[2]));
      try {
        return { ok: await within(calls[name](...values), movesFile ? MEDIA_CALL_MS : CALL_MS, 'timed_out') };
      } catch (error) {
        return { error: { code: error?.code ?? 'page_error', message: String(error?.message ?? error) } };
      }
    },
  };
})();
