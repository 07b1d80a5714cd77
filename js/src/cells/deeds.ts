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

import type { FindingReport, Proposal } from '../wire';
import type { FixState, IChange, ILines } from './edits';
import { comparingCell, fixState, ignoreChange, isIgnored, smallestChange } from './edits';
import { cellOfEdit, cellOfFinding, findCell, lineSpans, spanOf, textsOf } from './places';

/** How long typing may pause, in milliseconds, before buttons learn of it. */
const PAUSE = 150;

/** The deeds on one notebook. */
export class Deeds implements IDisposable {
  private readonly _panel: NotebookPanel;
  private readonly _trans: TranslationBundle;
  private readonly _debouncer: Debouncer;
  private readonly _textsChanged = new Signal<this, void>(this);

  constructor(panel: NotebookPanel, trans: TranslationBundle) {
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
    return fixState(proposal, this.texts);
  }

  /** Whether the user trusts a cell's outputs: what is saved in them may come from anyone. */
  isTrusted(cellId: string | null): boolean {
    const cell = cellId === null ? null : findCell(this._panel.content, cellId);
    return cell?.model.trusted ?? false;
  }

  /** Whether a comment silences a finding. */
  isIgnored(finding: FindingReport, shownIn: string | null): boolean {
    const texts = this.texts;
    const text = texts.get(cellOfFinding(finding, texts, shownIn) ?? '');
    const lines = linesOf(finding);
    return text !== undefined && lines !== null && isIgnored(text, lines, finding.name);
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
    const texts = this.texts;
    const ids = new Set<string>();
    for (const edit of proposal.edits) {
      const cell = findCell(this._panel.content, cellOfEdit(edit, texts) ?? '');
      if (cell) {
        change(cell, smallestChange(edit.before, edit.after));
        ids.add(cell.model.id);
      }
    }
    const changed = this._panel.content.widgets.filter(({ model }) => ids.has(model.id));
    const last = changed[changed.length - 1];
    if (last) {
      await this._enter(last);
    }
    if (judged !== null) {
      ids.add(judged);
      await this._run(ids);
    }
    return true;
  }

  /** Why a proposal cannot be applied, in the user's words. */
  refusal(state: FixState): string {
    switch (state) {
      case 'applied':
        return this._trans.__('Applied. Run the cell to see what it brings.');
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
    const texts = this.texts;
    const id = cellOfFinding(finding, texts, shownIn) ?? '';
    const cell = findCell(this._panel.content, id);
    const lines = linesOf(finding);
    const made = lines && ignoreChange(texts.get(id) ?? '', lines, finding.name);
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
    await this._enter(cell);
  }

  /** Time a cell against what a proposal makes of it: in a new cell below, which runs. */
  async compare(
    finding: FindingReport,
    proposal: Proposal,
    shownIn: string | null
  ): Promise<void> {
    const { content } = this._panel;
    const cell = findCell(content, cellOfFinding(finding, this.texts, shownIn) ?? '');
    if (!cell) {
      return;
    }
    await this._enter(cell);
    NotebookActions.insertBelow(content);
    const made = content.activeCell;
    if (made) {
      made.model.sharedModel.setSource(comparingCell(proposal));
      await this._run(new Set([made.model.id]));
    }
  }

  /** Scroll to a cell. */
  async show(cellId: string | null): Promise<void> {
    const cell = cellId === null ? null : findCell(this._panel.content, cellId);
    if (cell) {
      await this._enter(cell);
    }
  }

  /** Scroll to what a finding speaks of, and put the cursor there. */
  async reveal(finding: FindingReport, shownIn: string | null): Promise<void> {
    const texts = this.texts;
    const id = cellOfFinding(finding, texts, shownIn);
    const span = spanOf(finding, texts.get(id ?? '') ?? '');
    await this._reveal(id, span?.from ?? null);
  }

  /** Scroll to a line of a cell, and put the cursor there. */
  async revealLine(cellId: string | null, line: number): Promise<void> {
    const lines = lineSpans(this.texts.get(cellId ?? '') ?? '');
    await this._reveal(cellId, lines[line - 1]?.from ?? null);
  }

  private async _reveal(cellId: string | null, offset: number | null): Promise<void> {
    const cell = cellId === null ? null : findCell(this._panel.content, cellId);
    if (!cell) {
      return;
    }
    await this._enter(cell);
    const { editor } = cell;
    const start = offset === null ? null : editor?.getPositionAt(offset);
    if (editor && start) {
      editor.setCursorPosition(start);
      editor.revealPosition(start);
    }
  }

  /** Make a cell the active one, in view, with the cursor in its editor. */
  private async _enter(cell: Cell): Promise<void> {
    const notebook = this._panel.content;
    const index = notebook.widgets.indexOf(cell);
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'smart');
    await cell.ready;
    notebook.mode = 'edit';
    cell.editor?.focus();
  }

  private async _run(ids: ReadonlySet<string>): Promise<void> {
    const { content, sessionContext } = this._panel;
    const cells = content.widgets.filter(({ model }) => ids.has(model.id));
    await NotebookActions.runCells(content, cells, sessionContext);
  }

  private _onContentChanged(): void {
    void this._debouncer.invoke();
  }
}

function change(cell: Cell, { from, to, insert }: IChange): void {
  const { sharedModel } = cell.model;
  // Typing just before must not become part of the step that Ctrl-Z takes back.
  const { undoManager } = sharedModel as { undoManager?: { stopCapturing(): void } | null };
  undoManager?.stopCapturing();
  sharedModel.updateSource(from, to, insert);
  undoManager?.stopCapturing();
}

function linesOf({ line, end_line: endLine }: FindingReport): ILines | null {
  return line === null ? null : { line, endLine: endLine ?? line };
}

function executionCount(cell: Cell | undefined): number | null {
  const model = cell?.model as { executionCount?: number | null } | undefined;
  return model?.executionCount ?? null;
}
