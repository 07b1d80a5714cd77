/** The budget of a run: where its thread-seconds went, as one stacked bar. */

import { html, svg } from '../dom';
import { ACCOUNTS, describe, label } from '../legend';
import type { Account } from '../legend';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { Report } from '../wire';

/** What is too thin to see is left out of the bar and its legend. */
const VISIBLE = 0.005;

/** Thread-seconds by account. */
export type Amounts = Readonly<Partial<Record<Account, number>>>;

/**
 * Thread-seconds of a report as they are shown: those in tasks of which nobody told whether
 * they were on the CPU are counted as such, and shown as what they are.
 */
export function amountsOf({ budget, not_judged: unknown }: Report): Amounts | null {
  if (!budget || budget.total <= 0) {
    return null;
  }
  return unknown.some(({ name }) => name === 'waiting')
    ? { ...budget, tasks: budget.cpu, cpu: 0 }
    : { ...budget };
}

/** Draw thread-seconds with their legend. */
export function budgetBar(amounts: Amounts, texts: ITexts): HTMLElement {
  const spent = (name: Account): number => Math.max(amounts[name] ?? 0, 0);
  const total = ACCOUNTS.reduce((sum, name) => sum + spent(name), 0);
  const shown = ACCOUNTS.filter(name => spent(name) > VISIBLE * total);
  let x = 0;
  const bars = shown.map(name => {
    const width = (100 * spent(name)) / total;
    const title = `${describe(name, texts)}: ${seconds(spent(name))}`;
    const bar = svg(
      'rect',
      { class: `dask-lens-Account dask-lens-mod-${name}`, x, width, y: 0, height: 10 },
      svg('title', {}, title)
    );
    x += width;
    return bar;
  });
  const legend = shown.map(name =>
    html(
      'li',
      { title: describe(name, texts) },
      svg(
        'svg',
        { class: 'dask-lens-Budget-key', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
        svg('rect', {
          class: `dask-lens-Account dask-lens-mod-${name}`,
          width: 10,
          height: 10,
          rx: 2
        })
      ),
      label(name, texts),
      ' ',
      html('span', { class: 'dask-lens-Budget-value' }, seconds(spent(name)))
    )
  );
  return html(
    'div',
    { class: 'dask-lens-Budget' },
    svg(
      'svg',
      {
        class: 'dask-lens-Budget-bar',
        viewBox: '0 0 100 10',
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': texts.__('Where %1 of thread time went', seconds(total))
      },
      ...bars
    ),
    html('ul', { class: 'dask-lens-Budget-legend' }, ...legend)
  );
}
