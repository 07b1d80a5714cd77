/** One finding: what is wrong, what to do, the proof, and the buttons. */

import { html } from '../dom';
import type { ITexts } from '../texts';
import { unbroken } from '../unbroken';
import { evidence } from '../units';
import type { FindingReport, Proposal } from '../wire';
import { isComparable } from './edits';
import type { IProposalHost } from './proposal';
import { ProposalView } from './proposal';

/** What a finding's buttons need of where they are. */
export interface IFindingHost extends Omit<IProposalHost, 'apply'> {
  /** Apply a proposal; also run the cells. */
  apply(finding: FindingReport, proposal: Proposal, run: boolean): Promise<void>;
  /** Time the cell as it is against what a proposal makes of it. */
  compare(finding: FindingReport, proposal: Proposal): Promise<void>;
  /** Whether a comment silences the finding. */
  isIgnored(finding: FindingReport): boolean;
  /** Add that comment. */
  ignore(finding: FindingReport): Promise<void>;
  /** How the user calls the finding's cell; null for the cell whose report this is. */
  nameOf(finding: FindingReport): string | null;
  /** Show the line. */
  reveal(finding: FindingReport): Promise<void>;
  /** The rule's page, drawn. */
  explain(finding: FindingReport): Promise<Node>;
}

/** The view of one finding. */
export class FindingView {
  readonly node: HTMLElement;
  private readonly _proposals: readonly ProposalView[];
  private readonly _page = html('div', { class: 'dask-lens-Finding-page', hidden: true });
  private readonly _why: HTMLButtonElement;
  private readonly _ignore: HTMLButtonElement;
  private readonly _compare: HTMLButtonElement | null;
  private readonly _compared: Proposal | null;

  constructor(
    private readonly _finding: FindingReport,
    private readonly _host: IFindingHost,
    private readonly _texts: ITexts
  ) {
    const host: IProposalHost = {
      state: proposal => _host.state(proposal),
      refusal: state => _host.refusal(state),
      isTrusted: () => _host.isTrusted(),
      apply: (proposal, run) => _host.apply(_finding, proposal, run)
    };
    this._proposals = _finding.proposals.map(
      (proposal, place) => new ProposalView(proposal, host, _texts, place === 0)
    );
    this._why = this._button(_texts.__('Why?'), () => void this._explain());
    this._why.setAttribute('aria-expanded', 'false');
    this._ignore = this._button(_texts.__('Ignore'), () => void _host.ignore(_finding));
    const compared = _finding.proposals.find(isComparable) ?? null;
    this._compared = compared;
    this._compare = compared
      ? this._button(_texts.__('Compare'), () => void _host.compare(_finding, compared))
      : null;
    this.node = html(
      'section',
      {
        class: `dask-lens-Finding dask-lens-mod-${kindClass(_finding.kind)}`,
        'aria-label': _finding.name
      },
      this._head(),
      html('p', { class: 'dask-lens-Finding-message' }, ...unbroken(_finding.message)),
      html('p', { class: 'dask-lens-Finding-advice' }, _finding.advice),
      ...this._proposals.map(({ node }) => node),
      ...this._untouched(),
      html(
        'div',
        { class: 'dask-lens-Finding-foot' },
        this._evidence(),
        html(
          'span',
          { class: 'dask-lens-Finding-buttons' },
          this._compare,
          this._why,
          this._ignore
        )
      ),
      this._page
    );
    this.refresh();
  }

  /** Look again at the notebook: are the buttons still good for something? */
  refresh(): void {
    for (const proposal of this._proposals) {
      proposal.refresh();
    }
    if (this._compare && this._compared) {
      const state = this._host.state(this._compared);
      this._compare.disabled = state !== 'ready';
      this._compare.title =
        this._host.refusal(state) || this._texts.__('Time both versions in a cell below.');
    }
    const ignored = this._host.isIgnored(this._finding);
    this.node.classList.toggle('dask-lens-mod-ignored', ignored);
    this._ignore.disabled = ignored || this._finding.line === null;
    this._ignore.title = ignored
      ? this._texts.__('A comment on the line silences this from the next run on.')
      : this._texts.__('Add a comment to the line that silences this rule there.');
  }

  private _head(): HTMLElement {
    const { kind, name, code, certainty, line } = this._finding;
    const texts = this._texts;
    return html(
      'header',
      { class: 'dask-lens-Finding-head' },
      html('span', { class: 'dask-lens-Finding-kind' }, kindLabel(kind, texts)),
      html('span', { class: 'dask-lens-Finding-name' }, name),
      html('span', { class: 'dask-lens-Finding-code' }, code),
      certainty === 'seen'
        ? null
        : html('span', { class: 'dask-lens-Finding-certainty' }, texts.__('likely, not measured')),
      line === null ? null : this._location(line)
    );
  }

  private _location(line: number): HTMLElement {
    const cell = this._host.nameOf(this._finding);
    return html(
      'button',
      {
        type: 'button',
        class: 'dask-lens-Link dask-lens-Finding-location',
        title: this._texts.__('Show the line'),
        on: { click: () => void this._host.reveal(this._finding) }
      },
      cell === null ? this._texts.__('line %1', line) : this._texts.__('%1, line %2', cell, line)
    );
  }

  private _evidence(): HTMLElement | null {
    const entries = Object.entries(this._finding.evidence);
    if (entries.length === 0) {
      return null;
    }
    const rows = entries.flatMap(([name, value]) => [
      html('dt', {}, name.replace(/_/g, ' ')),
      html('dd', {}, evidence(value))
    ]);
    return html(
      'details',
      { class: 'dask-lens-Finding-evidence' },
      html('summary', {}, this._texts.__('Evidence')),
      html('dl', {}, ...rows)
    );
  }

  private _untouched(): readonly HTMLElement[] {
    return this._finding.untouched.map(({ name, reason }) =>
      html(
        'p',
        { class: 'dask-lens-Finding-untouched' },
        this._texts.__('Not rewritten (%1): %2', name, reason)
      )
    );
  }

  private async _explain(): Promise<void> {
    const open = this._page.hidden;
    this._page.hidden = !open;
    this._why.setAttribute('aria-expanded', String(open));
    if (!open) {
      return;
    }
    this._page.replaceChildren(this._texts.__('Asking the kernel…'));
    try {
      this._page.replaceChildren(await this._host.explain(this._finding));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this._page.replaceChildren(this._texts.__('No page: %1', reason));
    }
  }

  private _button(label: string, click: () => void): HTMLButtonElement {
    return html(
      'button',
      { type: 'button', class: 'dask-lens-Button dask-lens-mod-quiet', on: { click } },
      label
    );
  }
}

/** A kind as the end of a class name; kinds of a later version look like `slow`. */
export function kindClass(kind: string): string {
  return kind === 'wrong' || kind === 'fails' ? kind : 'slow';
}

/** A kind in one or two words. */
export function kindLabel(kind: string, texts: ITexts): string {
  switch (kind) {
    case 'wrong':
      return texts.__('Wrong result');
    case 'fails':
      return texts.__('Fails');
    default:
      return texts.__('Slow');
  }
}
