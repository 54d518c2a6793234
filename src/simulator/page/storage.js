// What the device keeps: its identity and messages in IndexedDB, its pairing secret in localStorage, as WhatsApp Web does.
(() => {
  'use strict';

  const NAME = 'simulated-device';

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const open = () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('identity');
      request.result.createObjectStore('messages', { keyPath: 'key' });
    };
    return done(request);
  };

  const finished = (transaction) =>
    new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });

  const random = (bytes) => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))));

  class Storage {
    /** How many messages there have been. */
    #rows = 0;

    static async open() {
      const storage = new Storage();
      storage.database = await open();
      storage.keys = await storage.#keys();
      return storage;
    }

    /** The device's public keys, made at its first start. */
    async #keys() {
      const known = await this.#get('keys');
      if (known && localStorage.getItem('advSecret')) return known;
      const keys = { noise: random(32), identity: random(32) };
      localStorage.setItem('advSecret', random(32));
      await this.#put('keys', keys);
      return keys;
    }

    get advSecret() {
      return localStorage.getItem('advSecret');
    }

    /** The phone's signature under this device's identity. */
    get signedIdentity() {
      return localStorage.getItem('advSignedIdentity');
    }

    sign(identity) {
      localStorage.setItem('advSignedIdentity', identity);
    }

    /** The account this device is linked to, or null. */
    async account() {
      const account = await this.#get('account');
      return account && localStorage.getItem('linked') === account.device ? account : null;
    }

    async link(account) {
      await this.#put('account', account);
      localStorage.setItem('linked', account.device);
    }

    async messages() {
      const messages = await done(this.database.transaction('messages').objectStore('messages').getAll());
      messages.sort((one, other) => one.row - other.row);
      this.#rows = (messages.at(-1)?.row ?? -1) + 1;
      return messages;
    }

    /** The message with that key, or nothing. */
    async message(key) {
      return done(this.database.transaction('messages').objectStore('messages').get(key));
    }

    /** The place in the order of all messages of one that is new. */
    nextRow() {
      this.#rows += 1;
      return this.#rows - 1;
    }

    async save(message) {
      const transaction = this.database.transaction('messages', 'readwrite', { durability: 'strict' });
      transaction.objectStore('messages').put(message);
      await finished(transaction);
    }

    /** How many messages of each chat nobody has seen. */
    async unread() {
      return (await this.#get('unread')) ?? {};
    }

    async keepUnread(counts) {
      await this.#put('unread', counts);
    }

    async wipe() {
      localStorage.clear();
      this.database.close();
      await done(indexedDB.deleteDatabase(NAME));
    }

    #get(key) {
      return done(this.database.transaction('identity').objectStore('identity').get(key));
    }

    async #put(key, value) {
      const transaction = this.database.transaction('identity', 'readwrite', { durability: 'strict' });
      transaction.objectStore('identity').put(value, key);
      await finished(transaction);
    }
  }

  window.Simulated.Storage = Storage;
})();
