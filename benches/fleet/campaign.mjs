// Campaigns one after the other to the same debtors, for a fleet whose limits are out of the way.
import { link } from './linking.mjs';
import { until } from './waiting.mjs';

/** What every session is told: pauses of about two seconds, and no caps. */
export const SESSION = {
  delay_min_ms: 1500,
  delay_max_ms: 2500,
  caps: { per_minute: null, per_hour: null, per_day: null, new_chats_per_day: null, warm_up: null },
};
/** Debtors for each number: as many chats as it has, and writes to again and again. */
export const AUDIENCE = 100;
/** Debtors that are made at once. */
const TOGETHER = 16;
/** The next campaign begins when no more messages of the last are left than the fleet sends between two looks, and some. */
const LITTLE = 100;

/** Starts the fleet, lets debtors be written to at any hour, and links every number. */
export async function setUp(simulator, fleet, count) {
  await fleet.start();
  await fleet.put('/api/settings/contact-policy', { hours: [], min_gap_minutes: 0, per_day: null, per_week: null });
  await link(simulator, fleet, count);
}

/** The debtors of all numbers. */
export async function makeDebtors(fleet, count) {
  const debtors = AUDIENCE * count;
  for (let first = 0; first < debtors; first += TOGETHER) {
    const chunk = Array.from({ length: Math.min(TOGETHER, debtors - first) }, (_, place) => first + place);
    const make = (debtor) => fleet.post('/api/debtors', { phone: `+573${100_000_000 + debtor}`, name: `Debtor ${debtor}`, tags: ['soak'] });
    await Promise.all(chunk.map(make));
  }
}

/** Campaigns through all numbers, in which a debtor stays with the number that holds their chat. */
export class Campaigns {
  #fleet;
  #pool;
  #ids = [];

  constructor(fleet) {
    this.#fleet = fleet;
  }

  get count() {
    return this.#ids.length;
  }

  /** Launches the next one, where none runs or the last is about to end: numbers have something to send at any time. */
  async goOn() {
    if (this.count > 0 && (await this.#left()) > LITTLE) return;
    this.#pool ??= await this.#makePool();
    const name = `Soak ${this.count + 1}`;
    const template = await this.#fleet.post('/api/templates', { name, body: `${name}: hola {{ name }}` });
    const campaign = { name, pool_ids: [this.#pool], template_id: template.id, audience: { tags: ['soak'] }, start: true };
    this.#ids.push((await this.#fleet.post('/api/campaigns', campaign)).id);
  }

  /** Ends the sending, and waits until nothing is on its way. */
  async stop() {
    for (const id of this.#ids) {
      if ((await this.#look(id)).status === 'running') await this.#fleet.post(`/api/campaigns/${id}/pause`);
    }
    for (const id of this.#ids) {
      await until('nothing is on its way', async () => (await this.#look(id)).counts.sending === 0);
    }
  }

  async #makePool() {
    const members = this.#fleet.sessions.map((id) => ({ session_id: id }));
    return (await this.#fleet.post('/api/pools', { name: 'Soak', strategy: 'competitive', sticky: true, members })).id;
  }

  #look = (id) => this.#fleet.get(`/api/campaigns/${id}`);

  async #left() {
    const { planned, queued } = (await this.#look(this.#ids.at(-1))).counts;
    return planned + queued;
  }
}

/** Every message that has arrived, read little by little. */
export class Ledger {
  #simulator;
  #last = 0;
  /** By the debtor and the text, which names the campaign: how often it has arrived. */
  #times = new Map();
  #latest;
  count = 0;

  constructor(simulator) {
    this.#simulator = simulator;
  }

  async read() {
    const { messages } = await this.#simulator.get(`ledger?since=${this.#last}`);
    for (const message of messages) {
      this.#last = message.seq;
      this.#latest = message;
      const text = `${message.to} ${message.body}`;
      this.#times.set(text, (this.#times.get(text) ?? 0) + 1);
    }
    this.count += messages.length;
  }

  /** Messages that have arrived more than once. */
  get twice() {
    return [...this.#times.values()].filter((times) => times > 1).length;
  }

  /** The debtor who was written to last writes back. Whether there is one. */
  async reply() {
    if (!this.#latest) return false;
    await this.#simulator.post('inbound', { from: this.#latest.to, to: this.#latest.from, body: 'Pago el viernes' });
    return true;
  }
}
