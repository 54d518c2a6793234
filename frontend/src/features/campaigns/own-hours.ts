import type { CampaignPlan } from '@/api/types';
import { wallTime } from '@/lib/zones';

/** When a plan's own hours come again, as its clock shows it (`2026-11-20T09:00`); null where they are on at `now`, or any hour is. */
export function closedUntil({ hours, time_zone: zone }: Pick<CampaignPlan, 'hours' | 'time_zone'>, now: Date): string | null {
  const shown = wallTime(now, zone);
  const [today = '', time = ''] = shown.split('T');
  const spansOn = (date: string) => {
    const weekday = new Date(`${date}T00:00Z`).getUTCDay() || 7;
    return hours.filter(({ days }) => days.includes(weekday));
  };
  if (spansOn(today).some(({ from, until }) => from <= time && time < until)) return null;
  const begins = Array.from({ length: 8 }, (_, days) => later(today, days)).flatMap((date) =>
    spansOn(date).map(({ from }) => `${date}T${from}`),
  );
  return begins.sort().find((begin) => begin > shown) ?? null;
}

function later(date: string, days: number): string {
  const day = new Date(`${date}T00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
