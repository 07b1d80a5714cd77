/** A comparison: its variants with every run as a dot, what to take, and the button for it. */

import { measuredCurve } from '../charts/measured';
import { runDots } from '../charts/runs';
import { html } from '../dom';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { ComparisonReport, VariantReport } from '../wire';
import type { IProposalHost } from './proposal';
import { ProposalView } from './proposal';

/** The view of one comparison. */
export class ComparisonView {
  readonly node: HTMLElement;
  private readonly _proposal: ProposalView | null;

  constructor(comparison: ComparisonReport, host: IProposalHost, texts: ITexts) {
    const { variants, warnings, curve, proposal, conclusion } = comparison;
    this._proposal = proposal && new ProposalView(proposal, host, texts, true);
    const differ = variants.filter(({ results_equal: equal }) => equal === false);
    this.node = html(
      'article',
      {
        class: 'dask-lens-Card dask-lens-Comparison',
        'aria-label': texts.__('Dask Lens comparison')
      },
      html(
        'header',
        { class: 'dask-lens-Card-head' },
        html('span', { class: 'dask-lens-Card-brand' }, texts.__('Dask Lens')),
        html('span', { class: 'dask-lens-Card-headline' }, conclusion)
      ),
      differ.length > 0
        ? html(
            'p',
            { class: 'dask-lens-Comparison-differ', role: 'alert' },
            texts.__('The results differ: %1', differ.map(({ name }) => name).join(', '))
          )
        : null,
      table(comparison, texts),
      curve.length > 0 ? measuredCurve(curve, texts) : null,
      this._proposal?.node ?? null,
      warnings.length > 0
        ? html(
            'ul',
            { class: 'dask-lens-Comparison-warnings' },
            ...warnings.map(warning => html('li', {}, warning))
          )
        : null
    );
  }

  /** Look again at the notebook. */
  refresh(): void {
    this._proposal?.refresh();
  }
}

function table({ variants, baseline, recommended }: ComparisonReport, texts: ITexts): HTMLElement {
  const longest = Math.max(...variants.flatMap(({ runs }) => runs), 0);
  const head = [
    texts.__('variant'),
    texts.__('runs'),
    texts.__('median'),
    texts.__('ratio (95 % interval)'),
    texts.__('verdict'),
    texts.__('in parallel'),
    texts.__('result'),
    texts.__('start-up'),
    texts.__('predicted')
  ];
  const rows = variants.map(variant =>
    row(variant, { longest, baseline, isTaken: variant.name === recommended }, texts)
  );
  return html(
    'div',
    { class: 'dask-lens-Comparison-scroll', tabindex: 0, 'aria-label': texts.__('Variants') },
    html(
      'table',
      { class: 'dask-lens-Comparison-table' },
      html('thead', {}, html('tr', {}, ...head.map(text => html('th', { scope: 'col' }, text)))),
      html('tbody', {}, ...rows)
    )
  );
}

interface IAround {
  readonly longest: number;
  readonly baseline: string | null;
  readonly isTaken: boolean;
}

function row(
  variant: VariantReport,
  { longest, baseline, isTaken }: IAround,
  texts: ITexts
): HTMLElement {
  const { name, median, ratio, verdict, error, startup, results_equal: equal } = variant;
  const isBaseline = name === baseline;
  const state = error !== null ? 'failed' : isBaseline ? 'baseline' : kind(verdict);
  const said = isBaseline ? texts.__('baseline') : verdict;
  const { parallelism, threads } = variant;
  const result = equal === null ? '' : equal ? texts.__('equal') : texts.__('DIFFERENT');
  const cells = [
    runDots(variant, longest, texts),
    median === null ? '' : seconds(median),
    ratio ? `${ratio.mid.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '',
    html('span', { class: 'dask-lens-Comparison-verdict' }, error ? `${said}: ${error}` : said),
    parallelism === null ? '' : texts.__('%1 of %2', parallelism.toFixed(1), threads ?? '?'),
    html('span', { class: equal === false ? 'dask-lens-Comparison-differ' : null }, result),
    startup === null ? '' : seconds(startup),
    predictedWords(variant)
  ];
  return html(
    'tr',
    {
      class: `dask-lens-Comparison-row dask-lens-mod-${state}${isTaken ? ' dask-lens-mod-taken' : ''}`
    },
    html('th', { scope: 'row' }, name),
    ...cells.map(cell => html('td', {}, cell))
  );
}

/** What was predicted, and by how much it was off; empty where nothing was. */
export function predictedWords({ predicted, waited }: VariantReport): string {
  if (!predicted) {
    return '';
  }
  const off = waited ? Math.round(100 * (predicted.mid / waited - 1)) : null;
  return off === null
    ? seconds(predicted.mid)
    : `${seconds(predicted.mid)} (${off < 0 ? '−' : '+'}${Math.abs(off)} %)`;
}

function kind(verdict: string): string {
  return verdict === 'faster' || verdict === 'slower' || verdict === 'failed' ? verdict : 'same';
}
