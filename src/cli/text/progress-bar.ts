import { basename } from 'node:path';
import type { Progress } from '../../shared/contract.ts';
import { durationText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import { cutTo, padTo, widthOf } from './columns.ts';
import type { Style } from './style.ts';

/** Redrawn at most this often, in milliseconds; nothing is shown for work that is done sooner. */
const EVERY = 100;
const FIRST_AFTER = 300;

/** A speed is told, and a time left, once this much is known, in milliseconds. */
const SPEED_AFTER = 800;

/** Where a bar is drawn: a terminal. */
type BarScreen = { write(text: string): unknown; readonly columns?: number };

/**
 * One line on a terminal: name, bar, bytes done, speed, time left. It shows what was told and nothing else:
 * no 0 % before anything is done and no 100 % before the end (pitfall 49).
 */
export class ProgressBar {
  readonly #screen: BarScreen;
  readonly #style: Style;
  readonly #now: () => number;
  readonly #began: number;
  #drawn = Number.NEGATIVE_INFINITY;
  #shown = false;
  #speed: { bytes: number; at: number; rate: number } | undefined;

  /** `now` gives milliseconds that only go forward. */
  constructor(screen: BarScreen, style: Style, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#style = style;
    this.#now = now;
    this.#began = now();
  }

  /** Takes note of progress and draws when it is time to. */
  update(progress: Progress): void {
    const now = this.#now();
    this.#measure(progress.done, now);
    if (now - this.#began < FIRST_AFTER || now - this.#drawn < EVERY) return;
    this.#drawn = now;
    this.#shown = true;
    this.#screen.write(`\r\u001b[K${this.#line(progress, now)}`);
  }

  /** Wipes the line away. */
  end(): void {
    if (this.#shown) this.#screen.write('\r\u001b[K');
    this.#shown = false;
  }

  #measure(bytes: number, now: number): void {
    const last = this.#speed;
    if (last === undefined || bytes < last.bytes) {
      this.#speed = { bytes, at: now, rate: 0 };
      return;
    }
    if (now - last.at < EVERY) return;
    const rate = ((bytes - last.bytes) * 1000) / (now - last.at);
    this.#speed = { bytes, at: now, rate: last.rate === 0 ? rate : last.rate * 0.8 + rate * 0.2 };
  }

  #line(progress: Progress, now: number): string {
    const { done, total, file, files, source } = progress;
    const rate = now - this.#began < SPEED_AFTER ? 0 : (this.#speed?.rate ?? 0);
    const facts = [
      total === null ? sizeText(done) : `${sizeText(done)} of ${sizeText(Math.max(total, done))}`,
      ...(rate > 0 ? [`${sizeText(rate)}/s`] : []),
      ...(rate > 0 && total !== null && total > done ? [`${durationText((total - done) / rate)} left`] : []),
    ].join('  ');
    const width = Math.max(20, (this.#screen.columns || 80) - 1);
    const count = files > 1 ? `${file} of ${files}  ` : '';
    const share = total === null || total <= 0 || done <= 0 ? undefined : Math.min(done / total, 0.999);
    const bar = share === undefined ? '' : `${this.#bar(share)}  `;
    const room = width - widthOf(count) - widthOf(bar) - widthOf(facts) - 2;
    if (room < 6) return cutTo(facts, width);
    const name = cutTo(escapeText(basename(source)), Math.min(room, 28));
    return `${count}${padTo(name, Math.min(room, 28))}  ${bar}${this.#style.dim(facts)}`;
  }

  /** Twenty cells, never quite full. */
  #bar(share: number): string {
    const full = Math.min(19, Math.floor(share * 20));
    return '█'.repeat(full) + this.#style.dim('░'.repeat(20 - full));
  }
}
