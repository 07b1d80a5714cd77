/** One proposal of a finding: what it would change, what that would bring, and its buttons. */

import { html } from '../dom';
import type { Child } from '../dom';
import type { ITexts } from '../texts';
import { whole } from '../unbroken';
import { seconds, secondsRange } from '../units';
import type { Proposal } from '../wire';
import { diffView } from './diff';
import type { FixState } from './fixes';

/** What a proposal's buttons need of the notebook they are in. */
export interface IProposalHost {
  /** Whether the proposal can be applied. */
  state(proposal: Proposal): FixState;
  /** Why not, in the user's words. */
  refusal(state: FixState): string;
  /** Whether it may be applied without showing the change first. */
  isTrusted(): boolean;
  /** Apply it; also run the cells. */
  apply(proposal: Proposal, run: boolean): Promise<void>;
}

let views = 0;

/** The view of one proposal. */
export class ProposalView {
  readonly node: HTMLElement;
  private readonly _note = html('div', { class: 'dask-lens-Proposal-note' });
  private readonly _details: HTMLDetailsElement;
  private readonly _confirmation = html('div', { class: 'dask-lens-Proposal-confirmation' });
  private readonly _buttons: readonly HTMLButtonElement[];

  constructor(
    private readonly _proposal: Proposal,
    private readonly _host: IProposalHost,
    private readonly _texts: ITexts,
    isBest: boolean
  ) {
    const { title, edits, safety } = _proposal;
    const predicted = this._prediction();
    views += 1;
    const id = `dask-lens-proposal-${views}`;
    this._buttons =
      safety === 'tip'
        ? []
        : [
            this._button(_texts.__('Apply'), false, id, false),
            this._button(_texts.__('Apply and run'), true, id, isBest)
          ];
    this._details = html(
      'details',
      { class: 'dask-lens-Proposal-diff' },
      html('summary', {}, _texts.__('Show the change')),
      ...edits.map(({ before, after }) => diffView(before, after)),
      this._confirmation
    );
    this.node = html(
      'div',
      { class: 'dask-lens-Proposal', role: 'group', 'aria-labelledby': id },
      html(
        'div',
        { class: 'dask-lens-Proposal-head' },
        html('span', { class: 'dask-lens-Proposal-title', id }, title),
        predicted.length > 0
          ? html('span', { class: 'dask-lens-Proposal-estimate' }, ...predicted)
          : null,
        html('span', { class: 'dask-lens-Proposal-buttons' }, ...this._buttons)
      ),
      this._note,
      edits.length > 0 ? this._details : null
    );
    this.refresh();
  }

  /** Look again whether the proposal can be applied. */
  refresh(): void {
    const state = this._host.state(this._proposal);
    const reason = this._proposal.safety === 'tip' ? '' : this._host.refusal(state);
    for (const button of this._buttons) {
      button.disabled = state !== 'ready';
      button.title = reason;
    }
    this._note.textContent = reason;
    this._note.classList.toggle('dask-lens-mod-applied', state === 'applied');
    if (state !== 'ready') {
      this._confirmation.replaceChildren();
    }
  }

  /** Apply the proposal, or ask first where the change has to be seen before. */
  async apply(run: boolean): Promise<void> {
    if (this._proposal.safety === 'same' && this._host.isTrusted()) {
      await this._host.apply(this._proposal, run);
    } else {
      this._ask(run);
    }
  }

  private _ask(run: boolean): void {
    const texts = this._texts;
    const close = (): void => {
      this._confirmation.replaceChildren();
      this._details.open = false;
      this._buttons[run ? 1 : 0]?.focus();
    };
    const confirm = html(
      'button',
      {
        type: 'button',
        class: 'dask-lens-Button dask-lens-mod-primary',
        on: {
          click: () => {
            close();
            void this._host.apply(this._proposal, run);
          }
        }
      },
      run ? texts.__('Confirm and run') : texts.__('Confirm')
    );
    const cancel = html(
      'button',
      { type: 'button', class: 'dask-lens-Button', on: { click: close } },
      texts.__('Cancel')
    );
    const question =
      this._proposal.safety === 'same'
        ? texts.__('This notebook is not trusted. Make this change?')
        : texts.__('This may change what the code does. Make this change?');
    this._confirmation.replaceChildren(html('span', {}, question), confirm, cancel);
    this._details.open = true;
    confirm.focus();
  }

  private _button(
    label: string,
    run: boolean,
    describedBy: string,
    isPrimary: boolean
  ): HTMLButtonElement {
    const main = isPrimary ? ' dask-lens-mod-primary' : '';
    return html(
      'button',
      {
        type: 'button',
        class: `dask-lens-Button${main}`,
        'aria-describedby': describedBy,
        on: { click: () => void this.apply(run) }
      },
      label
    );
  }

  private _prediction(): readonly Child[] {
    const { estimate, unpredicted } = this._proposal;
    if (estimate) {
      const { low, mid, high } = estimate;
      const predicted = this._texts.__('predicted %1', seconds(mid));
      return [whole(predicted), ' ', whole(`(${secondsRange(low, high)})`)];
    }
    return unpredicted ? [this._texts.__('no estimate: %1', unpredicted)] : [];
  }
}
