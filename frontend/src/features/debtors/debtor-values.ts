import type { components } from '@/api/schema.gen';
import type { Debtor, DebtorStatus } from '@/api/types';
import { amountOf, fromMinor } from './money';

/** A debtor as the form holds it; an empty text is a value that is not there. */
export type DebtorValues = {
  phone: string;
  name: string;
  reference: string;
  amount: number | '';
  currency: string;
  due_date: string;
  status: DebtorStatus;
  reason: string;
  tags: string[];
};

export function valuesOf(debtor: Debtor | null): DebtorValues {
  const currency = debtor?.amount?.currency ?? 'COP';
  return {
    phone: debtor?.phone ?? '',
    name: debtor?.name ?? '',
    reference: debtor?.reference ?? '',
    amount: debtor?.amount ? fromMinor(debtor.amount.minor, currency) : '',
    currency,
    due_date: debtor?.due_date ?? '',
    status: debtor?.status ?? 'active',
    reason: '',
    tags: debtor?.tags ?? [],
  };
}

/** Whether the form would not know which of their debts it is about. */
export function hasSeveralDebts(debtor: Debtor): boolean {
  return debtor.debt_count > 1;
}

/** The form as the API takes it; what it says of a debt only where there is not one of several. */
export function bodyOf(values: DebtorValues, debtor: Debtor | null): components['schemas']['DebtorIn'] {
  const debt = {
    reference: values.reference.trim() || null,
    amount: amountOf(values.amount, values.currency),
    due_date: values.due_date || null,
  };
  return {
    phone: values.phone.trim(),
    name: values.name.trim(),
    ...(debtor && hasSeveralDebts(debtor) ? {} : debt),
    status: values.status,
    tags: values.tags,
  };
}

/** Where the law or a person's own word stops messages: to end that takes a reason. */
const legalStops: readonly DebtorStatus[] = ['opted_out', 'disputed', 'attorney_represented', 'cease_and_desist', 'deceased'];

/** Whether a legal stop would end. */
export function needsReason(debtor: Debtor | null, status: DebtorStatus): boolean {
  return debtor !== null && legalStops.includes(debtor.status) && status !== debtor.status;
}
