/** Finds the cell and the stretch of text that a report speaks of. */

import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';

import type { Edit, FindingReport } from '../wire';
import { lineNow } from './merge';

/** Where a text begins and ends, in UTF-16 units. */
export interface ISpan {
  readonly from: number;
  readonly to: number;
}

/** The cell with an id. */
export function findCell(notebook: Notebook, id: string): Cell | null {
  return notebook.widgets.find(({ model }) => model.id === id) ?? null;
}

/** The text of each cell by its id. */
export function textsOf(panel: NotebookPanel): ReadonlyMap<string, string> {
  const models: Iterable<ICellModel> = panel.model?.cells ?? [];
  return new Map([...models].map(({ id, sharedModel }) => [id, sharedModel.getSource()]));
}

/**
 * The id of the cell that an edit would change: the one it names, else the only one that
 * holds the text it expects.
 */
export function cellOfEdit(edit: Edit, texts: ReadonlyMap<string, string>): string | null {
  if (edit.cell_id !== null && texts.has(edit.cell_id)) {
    return edit.cell_id;
  }
  const holders = [...texts].filter(([, text]) => text === edit.before);
  return holders.length === 1 ? (holders[0]?.[0] ?? null) : null;
}

/**
 * The id of the cell that a finding points at.
 *
 * @param shownIn - the cell whose report this is, for findings that name none.
 */
export function cellOfFinding(
  finding: FindingReport,
  texts: ReadonlyMap<string, string>,
  shownIn: string | null
): string | null {
  if (finding.cell_id !== null && texts.has(finding.cell_id)) {
    return finding.cell_id;
  }
  const [edit] = finding.proposals[0]?.edits ?? [];
  return (edit && cellOfEdit(edit, texts)) ?? shownIn;
}

/**
 * The stretch of a cell's text that a finding marks: what it names, else the whole line
 * without its indentation; null where it names no line, or one that is not there.
 */
export function spanOf(finding: FindingReport, text: string): ISpan | null {
  const { line, column, end_line: endLine, end_column: endColumn } = finding;
  if (line === null) {
    return null;
  }
  const lines = lineSpans(text);
  const first = lines[line - 1];
  if (!first) {
    return null;
  }
  const last = lines[(endLine ?? line) - 1] ?? first;
  const indent = text.slice(first.from, first.to).search(/\S|$/);
  const from = column === null ? first.from + indent : atColumn(text, first, column);
  const to = endColumn === null ? last.to : atColumn(text, last, endColumn);
  return { from, to: Math.max(from, to) };
}

/** A finding with its lines in the text there is now; null where they are gone. */
export function nowOf(finding: FindingReport, judged: string, now: string): FindingReport | null {
  if (finding.line === null || judged === now) {
    return finding;
  }
  const line = lineNow(judged, now, finding.line);
  const end = finding.end_line === null ? null : lineNow(judged, now, finding.end_line);
  return line === null || (end === null && finding.end_line !== null)
    ? null
    : { ...finding, line, end_line: end };
}

/** Python counts characters where JavaScript counts UTF-16 units. */
function atColumn(text: string, line: ISpan, column: number): number {
  const characters = Array.from(text.slice(line.from, line.to));
  return line.from + characters.slice(0, column - 1).join('').length;
}

/** Where each line of a text begins and ends, without its line break. */
export function lineSpans(text: string): readonly ISpan[] {
  let from = 0;
  return text.split('\n').map(line => {
    const span = { from, to: from + line.length };
    from = span.to + 1;
    return span;
  });
}
