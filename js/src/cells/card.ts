/** The report of one cell: headline, budget, findings, and what could not be looked at. */

import { amountsOf, budgetBar } from '../charts/budget';
import { html } from '../dom';
import type { ITexts } from '../texts';
import { unbroken } from '../unbroken';
import type { NotJudged, Report } from '../wire';
import type { IFindingHost } from './finding';
import { FindingView } from './finding';
import type { IFixes } from './fixall';
import { FixAllView } from './fixall';

/** The view of one report. */
export class ReportCard {
  readonly node: HTMLElement;
  private readonly _findings: readonly FindingView[];
  private readonly _fixAll: FixAllView;

  constructor(report: Report, host: IFindingHost & IFixes, texts: ITexts) {
    this._fixAll = new FixAllView(host, texts);
    this._findings = report.findings.map(finding => new FindingView(finding, host, texts));
    const amounts = amountsOf(report);
    this.node = html(
      'article',
      { class: 'dask-lens-Card', 'aria-label': texts.__('Dask Lens report') },
      html(
        'header',
        { class: 'dask-lens-Card-head' },
        html('span', { class: 'dask-lens-Card-brand' }, texts.__('Dask Lens')),
        html('span', { class: 'dask-lens-Card-headline' }, ...unbroken(report.headline))
      ),
      amounts && budgetBar(amounts, texts),
      report.limit
        ? html(
            'p',
            { class: 'dask-lens-Card-limit' },
            ...unbroken(texts.__('What limits it: %1', report.limit))
          )
        : null,
      this._fixAll.node,
      ...this._findings.map(({ node }) => node),
      notJudgedList(report.not_judged, texts)
    );
  }

  /** Look again at the notebook. */
  refresh(): void {
    this._fixAll.refresh();
    for (const finding of this._findings) {
      finding.refresh();
    }
  }
}

/** What could not be looked at, which is not the same as finding nothing. */
export function notJudgedList(items: readonly NotJudged[], texts: ITexts): HTMLElement | null {
  if (items.length === 0) {
    return null;
  }
  const rows = items.map(({ name, reason }) => html('li', {}, html('b', {}, name), `: ${reason}`));
  return html(
    'details',
    { class: 'dask-lens-NotJudged' },
    html('summary', {}, texts.__('Could not look (%1)', items.length)),
    html('ul', {}, ...rows)
  );
}
