// A campaign that lasts, for a fleet whose limits are out of the way.
import { link } from './linking.mjs';

/** What every session is told: pauses of about two seconds, and no caps. */
export const SESSION = {
  delay_min_ms: 1500,
  delay_max_ms: 2500,
  caps: { per_minute: null, per_hour: null, per_day: null, new_chats_per_day: null, warm_up: null },
};
/** Debtors that are made at once. */
const TOGETHER = 16;

/** Starts the fleet, lets debtors be written to at any hour, and links every number. */
export async function setUp(simulator, fleet, count) {
  await fleet.start();
  await fleet.put('/api/settings/contact-policy', { hours: [], min_gap_minutes: 0, per_day: null, per_week: null });
  await link(simulator, fleet, count);
}

/** As many debtors as are written to in that time at the most, each once. */
export async function makeDebtors(fleet, count, minutes) {
  const debtors = Math.ceil(((minutes * 60_000) / SESSION.delay_min_ms) * count) + 100;
  for (let first = 0; first < debtors; first += TOGETHER) {
    const chunk = Array.from({ length: Math.min(TOGETHER, debtors - first) }, (_, place) => first + place);
    const make = (debtor) => fleet.post('/api/debtors', { phone: `+573${100_000_000 + debtor}`, name: `Debtor ${debtor}`, tags: ['soak'] });
    await Promise.all(chunk.map(make));
  }
}

/** Launches the campaign through all numbers at once; gives its id. */
export async function launch(fleet) {
  const members = fleet.sessions.map((id) => ({ session_id: id }));
  const pool = await fleet.post('/api/pools', { name: 'Soak', strategy: 'competitive', members });
  const template = await fleet.post('/api/templates', { name: 'Soak', body: 'Hola {{ name }}' });
  const campaign = { name: 'Soak', pool_ids: [pool.id], template_id: template.id, audience: { tags: ['soak'] }, start: true };
  return (await fleet.post('/api/campaigns', campaign)).id;
}

/** Every message that has arrived, read little by little. */
export class Ledger {
  #simulator;
  #last = 0;
  /** By the debtor: how often they were written to. */
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
      this.#times.set(message.to, (this.#times.get(message.to) ?? 0) + 1);
    }
    this.count += messages.length;
  }

  /** Debtors who got the message more than once. */
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
