/** How much of a QR code's life is left. WhatsApp's own codes live 20 to 60 seconds. */
export type Countdown = {
  /** Whole seconds left, rounded up; 0 once expired. */
  seconds: number;
  /** The same as a share of `life`, 0 to 100. */
  share: number;
};

/** The countdown at `now` of a code first seen at `seen` (both in milliseconds). */
export function countdown(expiresAt: string, seen: number, now: number): Countdown {
  const expiry = new Date(expiresAt).getTime();
  const left = Math.max(0, expiry - now);
  const life = Math.max(1, expiry - seen);
  return { seconds: Math.ceil(left / 1000), share: Math.min(100, (left / life) * 100) };
}
