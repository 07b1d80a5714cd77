/** The gauge: tasks running now against the threads there are; afterwards, what was reached. */

import { html, svg } from '../dom';
import type { ITexts } from '../texts';
import { count, parallel, seconds } from '../units';
import type { Live, Parallelism } from '../wire';
import { budgetBar } from './budget';
import { sparkline, topOf } from './sparkline';

/** What the gauge draws. */
export interface IGaugeData {
  /** The latest sample; null while nothing runs. */
  readonly live: Live | null;
  /** The last minute, oldest first. */
  readonly samples: readonly Live[];
  /** What the latest run reached; null before the first. */
  readonly result: Parallelism | null;
}

/** More threads than this are not told apart on the scale. */
const MOST_TICKS = 32;

/** The gauge; one element that is drawn again in place. */
export class GaugeView {
  readonly node = html('div', { class: 'dask-lens-Gauge' });
  private readonly _texts: ITexts;
  private readonly _meter: HTMLElement;
  private readonly _below = html('div', { class: 'dask-lens-Gauge-below' });

  constructor(texts: ITexts) {
    this._texts = texts;
    this._meter = html('div', {
      class: 'dask-lens-Gauge-meter',
      role: 'meter',
      'aria-label': texts.__('Parallelism'),
      'aria-valuemin': 0
    });
    this.node.append(this._meter, this._below);
    this.update({ live: null, samples: [], result: null });
  }

  /** Draw other numbers. */
  update({ live, samples, result }: IGaugeData): void {
    const texts = this._texts;
    this.node.classList.toggle('dask-lens-mod-live', live !== null);
    const value = live?.running ?? result?.achieved ?? 0;
    const threads = live?.threads ?? result?.threads ?? 0;
    const ceiling = live ? null : (result?.ceiling ?? null);
    const ran = samples.length > 0;
    const caption = this._caption(live, result, ran);
    const hasRun = live !== null || result !== null;
    const read = reading(live, result);
    const empty = hasRun ? '' : ' dask-lens-mod-empty';
    this._meter.setAttribute('aria-valuenow', String(Math.round(value * 100) / 100));
    this._meter.setAttribute('aria-valuemax', String(Math.max(threads, value)));
    this._meter.setAttribute('aria-valuetext', hasRun ? `${read} ${caption}` : caption);
    this._meter.replaceChildren(
      html(
        'div',
        { class: 'dask-lens-Gauge-readout' },
        html('span', { class: `dask-lens-Gauge-value${empty}` }, read),
        html('span', { class: 'dask-lens-Gauge-caption' }, caption)
      ),
      scale(value, threads, ceiling, texts)
    );
    this._below.replaceChildren(
      ...(ran ? [sparkline(samples, texts), axis(topOf(samples), texts)] : []),
      ...(live ? [progress(live, texts), ...accounts(live, texts)] : [])
    );
  }

  private _caption(live: Live | null, result: Parallelism | null, ran: boolean): string {
    const texts = this._texts;
    if (live) {
      if (live.threads === 0) {
        return texts.__('threads busy');
      }
      return live.threads === 1
        ? texts.__('of 1 thread busy')
        : texts.__('of %1 threads busy', live.threads);
    }
    if (!result) {
      return ran ? texts.__('nothing runs now') : texts.__('nothing has run yet');
    }
    return result.ceiling === null
      ? texts.__('of %1 in parallel', result.threads)
      : texts.__('of %1 in parallel, ceiling %2', result.threads, parallel(result.ceiling));
  }
}

function reading(live: Live | null, result: Parallelism | null): string {
  if (live) {
    return count(live.running);
  }
  return result ? parallel(result.achieved) : '–';
}

/** A bar from 0 to all threads, with a mark where the graph alone would have set the limit. */
function scale(value: number, threads: number, ceiling: number | null, texts: ITexts): SVGElement {
  const most = Math.max(threads, value, 1);
  const ticks = threads > 1 && threads <= MOST_TICKS ? threads - 1 : 0;
  const at = (part: number): number => (100 * part) / most;
  const mark = ceiling === null ? null : at(Math.min(ceiling, most));
  return svg(
    'svg',
    {
      class: 'dask-lens-Gauge-scale',
      viewBox: '0 0 100 14',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true'
    },
    svg('rect', { class: 'dask-lens-Gauge-track', x: 0, y: 2, width: 100, height: 10 }),
    svg('rect', { class: 'dask-lens-Gauge-fill', x: 0, y: 2, width: at(value), height: 10 }),
    ...Array.from({ length: ticks }, (_, i) =>
      svg('line', { class: 'dask-lens-Gauge-tick', x1: at(i + 1), x2: at(i + 1), y1: 2, y2: 12 })
    ),
    mark === null
      ? null
      : svg(
          'line',
          { class: 'dask-lens-Gauge-ceiling', x1: mark, x2: mark, y1: 0, y2: 14 },
          svg('title', {}, texts.__('Ceiling: what endless threads would reach'))
        )
  );
}

function axis(top: number, texts: ITexts): HTMLElement {
  return html(
    'div',
    { class: 'dask-lens-Sparkline-axis', 'aria-hidden': 'true' },
    html('span', {}, texts.__('60 s ago')),
    html('span', {}, texts.__('top: %1 at once', count(top))),
    html('span', {}, texts.__('now'))
  );
}

/** Where the time went so far; nothing where that is not known. */
function accounts({ accounts: amounts }: Live, texts: ITexts): readonly HTMLElement[] {
  return Object.values(amounts).some(amount => amount > 0) ? [budgetBar(amounts, texts)] : [];
}

function progress({ done, total, elapsed }: Live, texts: ITexts): HTMLElement {
  const time = seconds(elapsed);
  const label =
    total > 0
      ? texts.__('%1 of %2 tasks · %3', count(done), count(total), time)
      : texts.__('no tasks yet · %1', time);
  return html(
    'div',
    { class: 'dask-lens-Progress' },
    html('progress', {
      max: Math.max(total, 1),
      value: Math.min(done, total),
      'aria-label': label
    }),
    html('span', {}, label)
  );
}
