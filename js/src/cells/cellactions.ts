/** What can be done to the cells of an open notebook: find, enter, change, run. */

import type { Cell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';

import type { IChange } from './edits';
import { smallestChange } from './edits';
import type { IStep } from './fixes';
import { findCell } from './places';

/** Make a cell the active one, in view, with the cursor in its editor. */
export async function enter({ content }: NotebookPanel, cell: Cell): Promise<void> {
  const index = content.widgets.indexOf(cell);
  content.deselectAll();
  content.activeCellIndex = index;
  await content.scrollToItem(index, 'smart');
  await cell.ready;
  content.mode = 'edit';
  cell.editor?.focus();
}

/** Enter a cell and put the cursor at an offset of its text. */
export async function reveal(
  panel: NotebookPanel,
  cellId: string | null,
  offset: number | null
): Promise<void> {
  const cell = cellId === null ? null : findCell(panel.content, cellId);
  if (!cell) {
    return;
  }
  await enter(panel, cell);
  const { editor } = cell;
  const start = offset === null ? null : editor?.getPositionAt(offset);
  if (editor && start) {
    editor.setCursorPosition(start);
    editor.revealPosition(start);
  }
}

/** Change a cell in one undoable step. */
export function change(cell: Cell, { from, to, insert }: IChange): void {
  const { sharedModel } = cell.model;
  // Typing just before must not become part of the step that Ctrl-Z takes back.
  const { undoManager } = sharedModel as { undoManager?: { stopCapturing(): void } | null };
  undoManager?.stopCapturing();
  sharedModel.updateSource(from, to, insert);
  undoManager?.stopCapturing();
}

/** Change cells, each in one undoable step, and enter the last of them; their ids. */
export async function write(
  panel: NotebookPanel,
  steps: readonly IStep[]
): Promise<ReadonlySet<string>> {
  for (const { cellId, now, next } of steps) {
    const cell = findCell(panel.content, cellId);
    if (cell) {
      change(cell, smallestChange(now, next));
    }
  }
  const ids = new Set(steps.map(({ cellId }) => cellId));
  const last = panel.content.widgets.filter(({ model }) => ids.has(model.id)).pop();
  if (last) {
    await enter(panel, last);
  }
  return ids;
}

/** Run cells, in the order of the notebook. */
export async function run(panel: NotebookPanel, ids: ReadonlySet<string>): Promise<void> {
  const { content, sessionContext } = panel;
  const cells = content.widgets.filter(({ model }) => ids.has(model.id));
  await NotebookActions.runCells(content, cells, sessionContext);
}
