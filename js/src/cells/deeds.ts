/** What the buttons do to a notebook: apply, run, ignore, show. */

import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IEntry } from '../model';
import { ranked } from '../model';
import type { FindingReport, Proposal } from '../wire';
import { change, enter, reveal, run, write } from './cellactions';
import type { ILines } from './edits';
import { comparingCell, ignoreChange, isIgnored } from './edits';
import type { FixState, IPlan } from './fixes';
import { allFixes, fixState, stepsOf } from './fixes';
import { cellOfFinding, findCell, lineSpans, nowOf, spanOf, textsOf } from './places';

/** How long typing may pause, in milliseconds, before buttons learn of it. */
const PAUSE = 150;

/** A finding in the text that its cell has now. */
interface IPlaced {
  readonly id: string | null;
  readonly text: string;
  /** As it would be reported of that text; null where its lines are gone. */
  readonly finding: FindingReport | null;
}

/** The deeds on one notebook. */
export class Deeds implements IDisposable {
  private readonly _panel: NotebookPanel;
  private readonly _trans: TranslationBundle;
  private readonly _debouncer: Debouncer;
  private readonly _textsChanged = new Signal<this, void>(this);

  /** @param _entries - what is known of the notebook's cells. */
  constructor(
    panel: NotebookPanel,
    trans: TranslationBundle,
    private readonly _entries: () => readonly IEntry[]
  ) {
    this._panel = panel;
    this._trans = trans;
    this._debouncer = new Debouncer(() => {
      this._textsChanged.emit();
    }, PAUSE);
    panel.content.modelContentChanged.connect(this._onContentChanged, this);
  }

  /** Emitted a moment after the text of a cell may have changed. */
  get textsChanged(): ISignal<this, void> {
    return this._textsChanged;
  }

  get isDisposed(): boolean {
    return this._debouncer.isDisposed;
  }

  dispose(): void {
    this._panel.content.modelContentChanged.disconnect(this._onContentChanged, this);
    this._debouncer.dispose();
    Signal.clearData(this);
  }

  /** The text of each cell by its id. */
  get texts(): ReadonlyMap<string, string> {
    return textsOf(this._panel);
  }

  /** Whether a proposal can be applied. */
  state(proposal: Proposal): FixState {
    return fixState(proposal, this.texts, this._findings);
  }

  /** Whether the user trusts a cell's outputs: what is saved in them may come from anyone. */
  isTrusted(cellId: string | null): boolean {
    const cell = cellId === null ? null : findCell(this._panel.content, cellId);
    return cell?.model.trusted ?? false;
  }

  /** Whether a comment silences a finding. */
  isIgnored(finding: FindingReport, shownIn: string | null): boolean {
    const { text, finding: now } = this._place(finding, shownIn);
    const lines = now && linesOf(now);
    return lines !== null && isIgnored(text, lines, finding.name);
  }

  /** How the user calls a cell: by its number, else by its place. */
  nameOf(cellId: string | null): string {
    const cells = this._panel.content.widgets;
    const index = cells.findIndex(({ model }) => model.id === cellId);
    const count = executionCount(cells[index]);
    return count !== null
      ? this._trans.__('Cell [%1]', count)
      : this._trans.__('Cell %1 of the notebook', index + 1);
  }

  /**
   * Apply a proposal: each cell changes in one undoable step.
   *
   * @param judged - the cell whose run was judged, null for not running anything.
   * @returns whether the notebook still held what was judged and was changed.
   */
  async apply(proposal: Proposal, judged: string | null): Promise<boolean> {
    const state = this.state(proposal);
    if (state !== 'ready') {
      Notification.warning(this.refusal(state), { autoClose: 6000 });
      return false;
    }
    const steps = stepsOf(proposal, this.texts, this._findings);
    const ids = await write(this._panel, typeof steps === 'string' ? [] : steps);
    if (judged !== null) {
      await run(this._panel, new Set([...ids, judged]));
    }
    return true;
  }

  /**
   * What all fixes that cannot alter a value make of the notebook's texts.
   *
   * @param only - the cell whose findings are meant: of its run, or in its text; null for all.
   */
  plan(only: string | null): IPlan {
    const texts = this.texts;
    const wanted = ranked(this._entries()).flatMap(({ report, cellId }) =>
      this.isTrusted(cellId)
        ? report.findings.filter(
            finding =>
              !this.isIgnored(finding, cellId) &&
              [null, cellId, cellOfFinding(finding, texts, cellId)].includes(only)
          )
        : []
    );
    return allFixes(wanted, texts, this._findings);
  }

  /** Apply them: each cell changes in one undoable step. */
  async applyAll(only: string | null): Promise<void> {
    const texts = this.texts;
    const steps = [...this.plan(only).texts]
      .map(([cellId, next]) => ({ cellId, now: texts.get(cellId) ?? '', next }))
      .filter(({ now, next }) => now !== next);
    await write(this._panel, steps);
  }

  /** Why a proposal cannot be applied, in the user's words. */
  refusal(state: FixState): string {
    switch (state) {
      case 'applied':
        return this._trans.__('Applied. Run the cell to see what it brings.');
      case 'replaced':
        return this._trans.__(
          'Another fix of these lines is in place: Ctrl-Z in the cell takes it back.'
        );
      case 'edited':
        return this._trans.__('The cell has changed since it was judged: run it again.');
      case 'gone':
        return this._trans.__('The cell that was judged is not in this notebook.');
      case 'ready':
        return '';
    }
  }

  /** Silence a finding with a comment on its line. */
  async ignore(finding: FindingReport, shownIn: string | null): Promise<void> {
    const { id, text, finding: now } = this._place(finding, shownIn);
    const cell = findCell(this._panel.content, id ?? '');
    const lines = now && linesOf(now);
    const made = lines && ignoreChange(text, lines, finding.name);
    if (!cell || !made) {
      const comment = `# dask-lens: ignore[${finding.name}]`;
      const message = this._trans.__(
        'No comment can stand at that line. Write it yourself: %1',
        comment
      );
      Notification.warning(message, { autoClose: 8000 });
      return;
    }
    change(cell, made);
    await enter(this._panel, cell);
  }

  /** Time a cell against what a proposal makes of it: in a new cell below, which runs. */
  async compare(
    finding: FindingReport,
    proposal: Proposal,
    shownIn: string | null
  ): Promise<void> {
    const { content } = this._panel;
    const cell = findCell(content, cellOfFinding(finding, this.texts, shownIn) ?? '');
    const steps = stepsOf(proposal, this.texts, this._findings);
    const [step] = typeof steps === 'string' ? [] : steps;
    if (!cell || !step) {
      return;
    }
    await enter(this._panel, cell);
    NotebookActions.insertBelow(content);
    const made = content.activeCell;
    if (made) {
      made.model.sharedModel.setSource(comparingCell(proposal.title, step.now, step.next));
      await run(this._panel, new Set([made.model.id]));
    }
  }

  /** Scroll to a cell. */
  async show(cellId: string | null): Promise<void> {
    const cell = cellId === null ? null : findCell(this._panel.content, cellId);
    if (cell) {
      await enter(this._panel, cell);
    }
  }

  /** Scroll to what a finding speaks of, and put the cursor there. */
  async reveal(finding: FindingReport, shownIn: string | null): Promise<void> {
    const { id, text, finding: now } = this._place(finding, shownIn);
    const span = now && spanOf(now, text);
    await reveal(this._panel, id, span?.from ?? null);
  }

  /** Scroll to a line of a cell, and put the cursor there. */
  async revealLine(cellId: string | null, line: number): Promise<void> {
    const lines = lineSpans(this.texts.get(cellId ?? '') ?? '');
    await reveal(this._panel, cellId, lines[line - 1]?.from ?? null);
  }

  private get _findings(): readonly FindingReport[] {
    return this._entries().flatMap(({ report }) => report.findings);
  }

  /** Where a finding is in the text there is: lines may have come, or gone, above it. */
  private _place(finding: FindingReport, shownIn: string | null): IPlaced {
    const texts = this.texts;
    const id = cellOfFinding(finding, texts, shownIn);
    const text = texts.get(id ?? '') ?? '';
    const judged = this._entries()
      .find(({ report }) => report.findings.some(other => isSame(other, finding)))
      ?.texts.get(id ?? '');
    return { id, text, finding: nowOf(finding, judged ?? text, text) };
  }

  private _onContentChanged(): void {
    void this._debouncer.invoke();
  }
}

function isSame(a: FindingReport, b: FindingReport): boolean {
  return (
    a.name === b.name && a.cell_id === b.cell_id && a.line === b.line && a.column === b.column
  );
}

function linesOf({ line, end_line: endLine }: FindingReport): ILines | null {
  return line === null ? null : { line, endLine: endLine ?? line };
}

function executionCount(cell: Cell | undefined): number | null {
  const model = cell?.model as { executionCount?: number | null } | undefined;
  return model?.executionCount ?? null;
}
