/** What proposals make of a notebook's texts: one, or all that need no look, worked out on strings. */

import type { Edit, FindingReport, Proposal } from '../wire';
import { ignoreChange } from './edits';
import { rebase } from './merge';
import { cellOfEdit } from './places';

/** Whether a proposal can be applied. */
export type FixState =
  /** Every cell holds what was judged, but for other fixes. */
  | 'ready'
  /** Every cell holds what was proposed. */
  | 'applied'
  /** A cell holds another fix, of the same lines. */
  | 'replaced'
  /** A cell holds something else by now. */
  | 'edited'
  /** A cell is not there, or not to be told from others. */
  | 'gone';

/** What a proposal makes of one cell. */
export interface IStep {
  readonly cellId: string;
  readonly now: string;
  /** As `now` where it was applied. */
  readonly next: string;
}

/** Texts with all fixes in them, and how many fixes that are. */
export interface IPlan {
  readonly texts: ReadonlyMap<string, string>;
  readonly fixes: number;
}

/**
 * What a proposal makes of each of its cells, by the notebook's texts.
 *
 * @param findings - all findings of the notebook: fixes of others may have been applied before.
 */
export function stepsOf(
  proposal: Proposal,
  texts: ReadonlyMap<string, string>,
  findings: readonly FindingReport[]
): readonly IStep[] | 'edited' | 'gone' {
  const steps: IStep[] = [];
  let isEdited = false;
  for (const edit of proposal.edits) {
    const cellId = cellOfEdit(edit, texts);
    const now = cellId === null ? undefined : texts.get(cellId);
    if (cellId === null || now === undefined) {
      return 'gone';
    }
    const next = nextOf(edit, now, () => [
      ...editsOfOthers(proposal, findings),
      ...commentsFor(edit, findings)
    ]);
    isEdited ||= next === null;
    steps.push({ cellId, now, next: next ?? now });
  }
  return isEdited ? 'edited' : steps;
}

/** Whether a proposal still fits the notebook's texts, given by cell id. */
export function fixState(
  proposal: Proposal,
  texts: ReadonlyMap<string, string>,
  findings: readonly FindingReport[] = []
): FixState {
  const steps = stepsOf(proposal, texts, findings);
  if (steps === 'edited') {
    return isReplaced(proposal, texts, findings) ? 'replaced' : 'edited';
  }
  if (steps === 'gone') {
    return steps;
  }
  const applied = steps.filter(({ now, next }) => now === next).length;
  if (applied === 0) {
    return 'ready';
  }
  return applied === steps.length ? 'applied' : 'edited';
}

/**
 * The best fix of each finding, of those that cannot alter a value, one after the other.
 *
 * @param wanted - the findings to be mended.
 * @param findings - all findings of the notebook.
 */
export function allFixes(
  wanted: readonly FindingReport[],
  texts: ReadonlyMap<string, string>,
  findings: readonly FindingReport[]
): IPlan {
  const made = new Map(texts);
  let fixes = 0;
  for (const { proposals } of wanted) {
    const states = proposals.map(proposal => fixState(proposal, made, findings));
    const best = proposals.find(({ safety }, i) => safety === 'same' && states[i] === 'ready');
    const steps = best && !states.includes('applied') ? stepsOf(best, made, findings) : [];
    if (typeof steps !== 'string' && steps.length > 0) {
      steps.forEach(({ cellId, next }) => made.set(cellId, next));
      fixes += 1;
    }
  }
  return { texts: made, fixes };
}

/** Whether one that was made for the same text is in its place. */
function isReplaced(
  proposal: Proposal,
  texts: ReadonlyMap<string, string>,
  findings: readonly FindingReport[]
): boolean {
  const mine = new Set(proposal.edits.map(edit => cellOfEdit(edit, texts)));
  return findings
    .flatMap(({ proposals }) => proposals)
    .filter(({ edits }) => edits.some(edit => mine.has(cellOfEdit(edit, texts))))
    .some(other => {
      const steps = stepsOf(other, texts, findings);
      return (
        typeof steps !== 'string' &&
        steps.length > 0 &&
        steps.every(({ now, next }) => now === next)
      );
    });
}

/** Edits of the findings that a proposal is not one of. */
function editsOfOthers(proposal: Proposal, findings: readonly FindingReport[]): readonly Edit[] {
  return findings
    .filter(({ proposals }) => !proposals.some(other => isSame(other, proposal)))
    .flatMap(({ proposals }) => proposals)
    .flatMap(({ edits }) => edits);
}

/** What Ignore makes of a cell, for each of its findings. */
function commentsFor(edit: Edit, findings: readonly FindingReport[]): readonly Edit[] {
  const { before } = edit;
  return findings.flatMap(({ name, line, end_line: endLine, cell_id: cellId }) => {
    const isThere = line !== null && cellId === edit.cell_id;
    const made = isThere && ignoreChange(before, { line, endLine: endLine ?? line }, name);
    return made
      ? [{ ...edit, after: before.slice(0, made.from) + made.insert + before.slice(made.to) }]
      : [];
  });
}

/** @param others - asked for only where the text is neither what was judged nor the fix. */
function nextOf(edit: Edit, now: string, others: () => readonly Edit[]): string | null {
  const { before, after } = edit;
  if (now === before || now === after) {
    return after;
  }
  const alike = others().filter(
    other => other.before === before && other.cell_id === edit.cell_id && other.after !== after
  );
  return rebase(
    before,
    now,
    after,
    alike.map(other => other.after)
  );
}

function isSame(a: Proposal, b: Proposal): boolean {
  return JSON.stringify(a.edits) === JSON.stringify(b.edits);
}
