// The runtime of the page: a module registry and observable models, in the manner of WhatsApp Web.
(() => {
  'use strict';

  const modules = new Map();

  /** Defines a module; `make` runs when the module is first required. */
  window.__d = (name, make) => {
    modules.set(name, { make, exports: undefined, made: false });
  };

  /** Gives a module's exports, or the default export where that is all there is. */
  window.require = (name) => {
    const module = modules.get(name);
    if (!module) throw new Error(`Requiring unknown module "${name}"`);
    if (!module.made) {
      module.made = true;
      module.exports = module.make();
    }
    const names = Object.keys(module.exports);
    return names.length === 1 && names[0] === 'default' ? module.exports.default : module.exports;
  };
  window.importNamespace = window.require;
  window.ErrorGuard = { skipGuardGlobal: () => {} };
  window.Debug = { VERSION: '2.3000.0-simulated' };
  window.__d('__debug', () => ({ modulesMap: Object.fromEntries([...modules.keys()].map((name) => [name, {}])) }));

  /** Events by name; `on('a b', f)` listens to both, `off` takes any part away. */
  class Events {
    #listeners = [];

    on(names, listener) {
      for (const name of names.split(/\s+/)) this.#listeners.push({ name, listener });
      return this;
    }

    once(names, listener) {
      const heard = (...values) => {
        this.off(names, heard);
        listener(...values);
      };
      return this.on(names, heard);
    }

    off(names, listener) {
      const gone = names?.split(/\s+/);
      this.#listeners = this.#listeners.filter(
        (entry) => !((!gone || gone.includes(entry.name)) && (!listener || entry.listener === listener)),
      );
      return this;
    }

    trigger(name, ...values) {
      for (const entry of [...this.#listeners]) {
        if (entry.name === name || entry.name === 'all') {
          entry.listener(...(entry.name === 'all' ? [name, ...values] : values));
        }
      }
      return this;
    }
  }

  /** An object that tells of its changes: `change:x` with (model, value, old), then `change`. */
  class Model extends Events {
    #values = {};

    constructor(values = {}) {
      super();
      for (const name of Object.keys(values)) this.#define(name);
      this.#values = { ...values };
    }

    #define(name) {
      Object.defineProperty(this, name, {
        enumerable: true,
        configurable: true,
        get: () => this.#values[name],
        set: (value) => this.set({ [name]: value }),
      });
    }

    get(name) {
      return this.#values[name];
    }

    set(values) {
      let changed = false;
      for (const [name, value] of Object.entries(values)) {
        if (!(name in this)) this.#define(name);
        const old = this.#values[name];
        if (old === value) continue;
        this.#values[name] = value;
        changed = true;
        this.#tell(`change:${name}`, value, old);
      }
      if (changed) this.#tell('change');
      return this;
    }

    #tell(name, ...values) {
      this.trigger(name, this, ...values);
      this.collection?.trigger(name, this, ...values);
    }

    serialize() {
      return structuredClone({ ...this.#values, id: String(this.#values.id) });
    }
  }

  /** Models by id; `add` and their changes bubble up to it. */
  class Collection extends Events {
    #models = new Map();

    get(id) {
      return this.#models.get(String(id?._serialized ?? id));
    }

    add(model) {
      const id = String(model.id?._serialized ?? model.id);
      const known = this.#models.get(id);
      if (known) return known;
      Object.defineProperty(model, 'collection', { value: this, configurable: true });
      this.#models.set(id, model);
      this.trigger('add', model);
      return model;
    }

    getModelsArray() {
      return [...this.#models.values()];
    }

    async getMessagesById(ids) {
      return { messages: ids.map((id) => this.get(id)).filter(Boolean) };
    }
  }

  window.Simulated = { Events, Model, Collection };
})();
