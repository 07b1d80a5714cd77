/** A comparison: its variants with every run as a dot, what to take, and the button for it. */

import { measuredCurve } from '../charts/measured';
import { runDots } from '../charts/runs';
import type { Child } from '../dom';
import { html } from '../dom';
import { scrolled } from '../grid';
import type { ITexts } from '../texts';
import { unbroken } from '../unbroken';
import { seconds } from '../units';
import type { ComparisonReport, VariantReport } from '../wire';
import { costs } from './costs';
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
      this._proposal?.node ?? null,
      curve.length > 0 ? measuredCurve(curve, texts) : null,
      costs(variants, texts),
      warnings.length > 0
        ? html(
            'ul',
            { class: 'dask-lens-Comparison-warnings' },
            ...warnings.map(warning => html('li', {}, ...unbroken(warning)))
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
    texts.__('result')
  ];
  const rows = variants.map(variant => row(variant, longest, variant.name === baseline, texts));
  const classes = variants.map(variant => {
    const isTaken = variant.name === recommended;
    const state = `dask-lens-mod-${kind(variant, variant.name === baseline)}`;
    return `dask-lens-Comparison-row ${state}${isTaken ? ' dask-lens-mod-taken' : ''}`;
  });
  return scrolled(texts.__('Variants'), head, rows, classes);
}

function row(
  variant: VariantReport,
  longest: number,
  isBaseline: boolean,
  texts: ITexts
): readonly Child[] {
  const { name, median, ratio, verdict, error, results_equal: equal } = variant;
  const said = isBaseline ? texts.__('baseline') : verdict;
  const { parallelism, threads } = variant;
  const result = equal === null ? '' : equal ? texts.__('equal') : texts.__('DIFFERENT');
  return [
    name,
    runDots(variant, longest, texts),
    median === null ? '' : seconds(median),
    ratio && !isBaseline
      ? `${ratio.mid.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`
      : '',
    html('span', { class: 'dask-lens-Comparison-verdict' }, error ? `${said}: ${error}` : said),
    parallelism === null ? '' : texts.__('%1 of %2', parallelism.toFixed(1), threads ?? '?'),
    equal === false ? html('span', { class: 'dask-lens-Comparison-differ' }, result) : result
  ];
}

function kind({ verdict, error }: VariantReport, isBaseline: boolean): string {
  if (error !== null) {
    return 'failed';
  }
  return isBaseline ? 'baseline' : verdict === 'about the same' ? 'same' : verdict;
}
