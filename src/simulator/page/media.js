// Files in messages: prepared, uploaded and downloaded, in the steps that clients take one by one on WhatsApp Web. What is simpler here:
// nothing is encrypted, so that the hash of what is stored is the file's own, and no picture is made smaller.
(() => {
  'use strict';

  const { Model, MsgModel, client } = window.Simulated;
  const define = (name, exports) => window.__d(name, () => exports);

  /** What the simulator takes, in bytes; it would refuse more itself. */
  const LARGEST = 64 * 2 ** 20;
  /** The small picture within a message, at its longer side, in pixels. */
  const SMALL = 72;
  /** Files that are remembered by their hash; what is on its way is among the newest. */
  const REMEMBERED = 32;
  /** A grey dot: the small picture of a message that came from a phone. */
  const DOT = 'R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==';

  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const hash = async (buffer) => base64(await crypto.subtle.digest('SHA-256', buffer));
  const newKey = () => base64(crypto.getRandomValues(new Uint8Array(32)));
  const now = () => Math.floor(Date.now() / 1000);
  const remember = (files, filehash, file) => {
    files.delete(filehash);
    files.set(filehash, file);
    if (files.size > REMEMBERED) files.delete(files.keys().next().value);
  };

  /** Bytes in memory, under an address as long as somebody shows them. */
  class OpaqueData {
    #blob;
    #url;

    constructor(blob) {
      this.#blob = blob;
    }
    static async createFromData(data, type) {
      return new OpaqueData(data instanceof Blob ? data : new Blob([data], { type }));
    }
    get size() {
      return this.#blob.size;
    }
    get name() {
      return this.#blob.name;
    }
    type() {
      return this.#blob.type;
    }
    url() {
      this.#url ??= URL.createObjectURL(this.#blob);
      return this.#url;
    }
    autorelease() {
      if (this.#url) URL.revokeObjectURL(this.#url);
      this.#url = undefined;
    }
    formData() {
      return this.#blob;
    }
    forceToBlob() {
      return this.#blob;
    }
  }
  define('WAWebMediaOpaqueData', { default: OpaqueData });

  /** What is known of a file on its way into a message. */
  class MediaData extends Model {}

  /** What is known of a file, by its hash. */
  class MediaObject extends Model {
    consolidate({ type, mimetype, size, mediaBlob }) {
      this.set({ type, mimetype, size, mediaBlob });
    }
  }

  const typeOf = (mimetype, { asDocument, asSticker, isPtt }) => {
    const [family] = mimetype.split('/');
    if (asDocument || !['image', 'video', 'audio'].includes(family)) return 'document';
    if (family === 'image') return asSticker ? 'sticker' : 'image';
    return family === 'audio' && isPtt ? 'ptt' : family;
  };

  /** A picture's measures and a small one of it; an error where it is none. */
  const lookAt = async (blob) => {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, SMALL / Math.max(picture.width, picture.height));
    const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').drawImage(picture, 0, 0, width, height);
    const small = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.5 });
    return { width: picture.width, height: picture.height, preview: base64(await small.arrayBuffer()) };
  };

  const prepare = async (data, params) => {
    if (data.size > LARGEST) throw new Error('the file is too large');
    const blob = data.forceToBlob();
    const type = typeOf(data.type(), params);
    return new MediaData({
      type,
      mimetype: data.type(),
      size: data.size,
      filehash: await hash(await blob.arrayBuffer()),
      // Only a document goes by its name.
      filename: type === 'document' ? data.name : undefined,
      isGif: false,
      mediaBlob: data,
      ...(type === 'image' && (await lookAt(blob))),
    });
  };

  const mediaObjects = new Map();
  const getOrCreateMediaObject = (filehash) => {
    if (!mediaObjects.has(filehash)) remember(mediaObjects, filehash, new MediaObject({ filehash, contentInfo: {} }));
    return mediaObjects.get(filehash);
  };
  define('WAWebMediaStorage', { getOrCreateMediaObject });

  const refused = (answer) => Object.assign(new Error(`the server answered with ${answer.status}`), { status: answer.status });
  const by = () => `device=${encodeURIComponent(client.account?.device ?? '')}`;

  const uploadMedia = async ({ mediaObject }) => {
    const answer = await fetch(`/page/media?${by()}`, { method: 'POST', body: mediaObject.mediaBlob.forceToBlob() });
    if (!answer.ok) throw refused(answer);
    const { directPath, filehash } = await answer.json();
    const mmsUrl = new URL(directPath, location.origin).href;
    const mediaEntry = {
      mmsUrl, deprecatedMms3Url: mmsUrl, directPath, mediaKey: newKey(), mediaKeyTimestamp: now(),
      encFilehash: filehash, uploadHash: filehash,
    };
    return { mediaEntry };
  };
  define('WAWebMediaMmsV4Upload', { uploadMedia });

  /** A file on its way: WhatsApp's own page hands it over like this, others take the steps themselves. */
  class MediaPrep {
    #prepared;

    constructor(prepared) {
      this.#prepared = prepared;
      // Told to who waits for it, and to nobody else.
      prepared.then((mediaData) => (this.mediaData = mediaData)).catch(() => {});
    }
    waitForPrep() {
      return this.#prepared;
    }
    async sendToChat({ chat, options: { productMsgOptions, caption } }) {
      const mediaData = await this.waitForPrep();
      const mediaObject = getOrCreateMediaObject(mediaData.filehash);
      mediaObject.consolidate(mediaData.toJSON());
      const { mediaEntry } = await uploadMedia({ mediaObject });
      const { directPath, mediaKey, mediaKeyTimestamp, encFilehash } = mediaEntry;
      mediaData.set({ directPath, mediaKey, mediaKeyTimestamp, encFilehash });
      const [stored, sent] = client.send(chat, { ...productMsgOptions, ...mediaData.toJSON(), body: mediaData.preview, caption });
      await stored;
      return sent;
    }
  }
  define('WAWebPrepRawMedia', {
    MediaPrep,
    prepRawMedia: (data, params = {}) => new MediaPrep(prepare(data, params)),
    // Clients know the module by it; there is no catalogue here.
    uploadProductImage: async () => {
      throw new Error('there is no catalogue');
    },
  });
  define('WAWebMmsMediaTypes', {
    msgToMediaType: ({ type, isGif }) => (isGif ? 'gif' : type),
    castToV4: (type) => type,
  });

  const blobs = new Map();
  const InMemoryMediaBlobCache = {
    put: (filehash, blob) => remember(blobs, filehash, blob),
    get: (filehash) => blobs.get(filehash),
    has: (filehash) => blobs.has(filehash),
  };
  define('WAWebMediaInMemoryBlobCache', { InMemoryMediaBlobCache });
  // Nothing is shown here, so nothing is kept for showing but what a client puts there.
  define('WAWebMediaDataUtils', { shouldUseMediaCache: (type) => type === 'image' || type === 'sticker' });

  const downloadAndMaybeDecrypt = async ({ directPath, filehash, signal }) => {
    const answer = await fetch(`${directPath}?${by()}`, { signal });
    if (!answer.ok) throw refused(answer);
    const bytes = await answer.arrayBuffer();
    if ((await hash(bytes)) !== filehash) throw new Error('the file is not the one that was sent');
    return bytes;
  };
  define('WAWebDownloadManager', { downloadManager: { downloadAndMaybeDecrypt } });

  /** Fetches a message's file; how that went is its stage. */
  MsgModel.prototype.downloadMedia = async function downloadMedia() {
    this.mediaData.mediaStage = 'FETCHING';
    try {
      const bytes = await downloadAndMaybeDecrypt(this);
      const mediaBlob = await OpaqueData.createFromData(bytes, this.mimetype);
      this.mediaData.set({ mediaBlob, mediaStage: 'RESOLVED' });
    } catch (error) {
      this.mediaData.mediaStage = error.status === 404 ? 'ERROR_MISSING' : 'NEED_POKE';
    }
  };

  /** A file that came, in the fields of a message; the text is its caption, and the body is taken by the small picture. */
  client.incoming = ({ kind, ...file }, caption) => ({
    ...file,
    type: kind,
    caption,
    body: DOT,
    encFilehash: file.filehash,
    mediaKey: newKey(),
    mediaKeyTimestamp: now(),
  });
})();
