/** Changes to the text of cells, worked out on strings alone. */

import type { Proposal } from '../wire';
import { cellOfEdit, lineSpans } from './places';

/** The one stretch in which two texts differ. */
export interface IChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Whether a proposal can be applied. */
export type FixState =
  /** Every cell holds what was judged. */
  | 'ready'
  /** Every cell holds what was proposed. */
  | 'applied'
  /** A cell holds something else by now. */
  | 'edited'
  /** A cell is not there, or not to be told from others. */
  | 'gone';

const IGNORE = /#\s*dask-lens:\s*ignore(?:\[([^\]]*)\])?/;

/** The smallest single change from one text to another. */
export function smallestChange(before: string, after: string): IChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** Whether a proposal still fits the notebook's texts, given by cell id. */
export function fixState(proposal: Proposal, texts: ReadonlyMap<string, string>): FixState {
  const states = proposal.edits.map(edit => {
    const id = cellOfEdit(edit, texts);
    const text = id === null ? undefined : texts.get(id);
    if (text === undefined) {
      return 'gone';
    }
    return text === edit.before ? 'ready' : text === edit.after ? 'applied' : 'edited';
  });
  for (const state of ['gone', 'edited'] as const) {
    if (states.includes(state)) {
      return state;
    }
  }
  return states.length > 0 && states.every(state => state === 'applied')
    ? 'applied'
    : states.includes('applied')
      ? 'edited'
      : 'ready';
}

/** Whether a comment on a line (from 1) silences a rule there. */
export function isIgnored(text: string, line: number, rule: string): boolean {
  const comment = IGNORE.exec(text.split('\n')[line - 1] ?? '');
  return comment !== null && (comment[1] === undefined || rulesIn(comment[1]).includes(rule));
}

/**
 * The change that silences a rule on a line (from 1).
 *
 * @returns null where a comment cannot end that line: it is not there, goes on after a
 * backslash, or a string goes on after it.
 */
export function ignoreChange(text: string, line: number, rule: string): IChange | null {
  const span = lineSpans(text)[line - 1];
  if (!span) {
    return null;
  }
  const content = text.slice(span.from, span.to);
  const comment = IGNORE.exec(content);
  if (comment) {
    const rules = [...rulesIn(comment[1] ?? ''), rule];
    const from = span.from + comment.index;
    return { from, to: from + comment[0].length, insert: ignoreComment(rules) };
  }
  const quotes = content.match(/"""|'''/g)?.length ?? 0;
  if (content.trimEnd().endsWith('\\') || quotes % 2 === 1) {
    return null;
  }
  const from = span.from + content.trimEnd().length;
  return { from, to: span.to, insert: `  ${ignoreComment([rule])}` };
}

function ignoreComment(rules: readonly string[]): string {
  return `# dask-lens: ignore[${rules.join(', ')}]`;
}

function rulesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}
