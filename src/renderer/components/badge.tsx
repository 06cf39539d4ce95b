import { Ban, Check, CircleDashed, type LucideIcon, Minus, TriangleAlert } from 'lucide-react';

/** How a state stands; each tone has a shape of its own beside its colour. */
type Tone = 'good' | 'bad' | 'warn' | 'quiet';

const SHAPES: { readonly [T in Tone]: LucideIcon } = {
  good: Check,
  bad: TriangleAlert,
  warn: Ban,
  quiet: Minus,
};

/** A state as icon and word. */
export function Badge({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  const Shape = SHAPES[tone];
  return (
    <span className={`badge ${tone}`}>
      <Shape size={14} aria-hidden />
      {word}
    </span>
  );
}

/** A state as its icon alone, beside words that already say it. */
export function Shape({ tone }: { readonly tone: Tone | 'running' }) {
  const Icon = tone === 'running' ? CircleDashed : SHAPES[tone];
  return (
    <span className={`badge ${tone === 'running' ? 'quiet' : tone}`}>
      <Icon size={16} aria-hidden />
    </span>
  );
}
