import type { Strategy } from '@/api/types';

/** Who sends each of twelve messages: a row is a number, a column a message. */
const senders: Record<Strategy, number[]> = {
  competitive: [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 1, 2],
  fixed_turns: [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2],
  random_turns: [1, 1, 0, 0, 2, 2, 2, 2, 1, 1, 0, 0],
};

const tones = ['var(--mantine-color-pine-5)', 'var(--mantine-color-ember-4)', 'var(--mantine-color-pine-2)'];

/** The strategy as a score: time runs to the right. */
export function StrategyPicture({ strategy }: { strategy: Strategy }) {
  return (
    <svg viewBox="0 0 124 34" width="124" height="34" aria-hidden="true">
      {[0, 1, 2].map((row) => (
        <line key={row} x1="0" x2="124" y1={6 + row * 11} y2={6 + row * 11} stroke="currentColor" strokeOpacity="0.15" strokeWidth="1" />
      ))}
      {senders[strategy].map((row, message) => (
        <rect key={message} x={2 + message * 10.2} y={2 + row * 11} width="8" height="8" rx="2.5" fill={tones[row]} />
      ))}
    </svg>
  );
}
