// The runtime of the page: a module registry and observable models, in the manner of WhatsApp Web.
(() => {
  'use strict';

  const modules = new Map();

  /** Defines a module; `make` runs when the module is first required. */
  window.__d = (name, make) => {
    // What the simulator was told to leave out, as after a change by WhatsApp.
    if (window.missingModules?.includes(name)) return;
    modules.set(name, { make, exports: undefined, made: false });
  };

  /** Gives a module's exports as they are: who wraps a function in them changes it for every caller. */
  window.importNamespace = (name) => {
    const module = modules.get(name);
    if (!module) throw new Error(`Requiring unknown module "${name}"`);
    if (!module.made) {
      module.made = true;
      module.exports = module.make();
    }
    return module.exports;
  };

  /** Gives a module's exports, or the default export where that is all there is. */
  window.require = (name) => {
    const exports = window.importNamespace(name);
    const names = Object.keys(exports);
    return names.length === 1 && names[0] === 'default' ? exports.default : exports;
  };
  window.ErrorGuard = { skipGuardGlobal: () => {} };
  // A map of the moment: clients that are here before the modules watch it grow.
  window.__d('__debug', () => ({
    get modulesMap() {
      return Object.fromEntries([...modules].map(([name, { make }]) => [name, { factory: make }]));
    },
  }));

  const NOBODY = Object.freeze([]);

  /** Events by name; `on('a b', f)` listens to both, `off` takes any part away. */
  class Events {
    // Never changed, but replaced: whoever walks through it is not disturbed, and most models share the one that is empty.
    #listeners = NOBODY;

    on(names, listener) {
      this.#listeners = [...this.#listeners, ...names.split(/\s+/).map((name) => ({ name, listener }))];
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
      for (const entry of this.#listeners) {
        if (entry.name === name || entry.name === 'all') {
          entry.listener(...(entry.name === 'all' ? [name, ...values] : values));
        }
      }
      return this;
    }
  }

  /**
   * An object that tells of its changes: `change:x` with (model, value, old), then `change`. Its values' accessors are its class's, as on
   * WhatsApp Web: with its own a message would take four times the memory.
   */
  class Model extends Events {
    #values = {};

    constructor(values = {}) {
      super();
      for (const name of Object.keys(values)) this.#define(name);
      this.#values = { ...values };
    }

    #define(name) {
      if (name in this) return;
      Object.defineProperty(Object.getPrototypeOf(this), name, {
        configurable: true,
        get() {
          return this.#values[name];
        },
        set(value) {
          this.set({ [name]: value });
        },
      });
    }

    get(name) {
      return this.#values[name];
    }

    set(values) {
      let changed = false;
      for (const [name, value] of Object.entries(values)) {
        this.#define(name);
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

    /** Its values by name. */
    toJSON() {
      return { ...this.#values };
    }

    /** Its values as plain objects, without the models and collections it belongs to. */
    serialize() {
      return structuredClone(Object.fromEntries(Object.entries(this.#values).filter(([, value]) => !(value instanceof Events))));
    }
  }

  /** Models by id; `add` and their changes bubble up to it. */
  class Collection extends Events {
    // In the open, because clients look for the map of a collection to watch what is put into it.
    index = new Map();

    constructor(modelClass = Model) {
      super();
      this.modelClass = modelClass;
    }

    get(id) {
      return this.index.get(String(id?._serialized ?? id));
    }

    async find(id) {
      return this.get(id);
    }

    add(model) {
      const id = String(model.id?._serialized ?? model.id);
      const known = this.index.get(id);
      if (known) return known;
      Object.defineProperty(model, 'collection', { value: this, configurable: true });
      this.index.set(id, model);
      this.trigger('add', model);
      return model;
    }

    getModelsArray() {
      return [...this.index.values()];
    }

    map(change) {
      return this.getModelsArray().map(change);
    }
  }

  window.Simulated = { Events, Model, Collection };
})();
