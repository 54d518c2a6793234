import type { components } from '@/api/schema.gen';
import type { ImportForecast } from '@/api/types';
import type { CommitPlan, ImportSettings } from './mapping';

export type DifferingRow = components['schemas']['DifferingRow'];
export const choices = ['update', 'skip', 'ask'] as const;
export type Choice = (typeof choices)[number];

/** What is done with rows of debtors who are known. */
export type Decision = Pick<ImportSettings, 'update_existing' | 'ask' | 'except_rows'>;

export function choiceOf({ ask, update_existing: update }: Decision): Choice {
  if (ask) return 'ask';
  return update ? 'update' : 'skip';
}

/** A choice before anything was decided of single rows: whoever is asked changes nothing that they have not agreed to. */
export function decisionFor(choice: Choice): Decision {
  return { ask: choice === 'ask', update_existing: choice === 'update', except_rows: [] };
}

/** Whether a row's debtor gets the row's details. */
export function updates({ update_existing: all, except_rows: except }: Decision, row: number): boolean {
  return all !== except.includes(row);
}

/** The same decision for all rows; those that are not listed follow it too. */
export function decideAll(decision: Decision, update: boolean): Decision {
  return { ...decision, update_existing: update, except_rows: [] };
}

export function decide(decision: Decision, row: number, update: boolean): Decision {
  const others = decision.except_rows.filter((other) => other !== row);
  return { ...decision, except_rows: update === decision.update_existing ? others : [...others, row] };
}

/** The plan with what a person has decided on what they saw; who was not asked has decided on whatever there is. */
export function decided(plan: CommitPlan, forecast: ImportForecast | undefined): CommitPlan {
  return plan.ask && forecast ? { ...plan, seen_at: forecast.seen_at } : plan;
}
