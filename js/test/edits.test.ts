import { describe, expect, it } from 'vitest';

import type { IChange } from '../src/cells/edits';
import { fixState, ignoreChange, isIgnored, smallestChange } from '../src/cells/edits';
import { FAST, SLOW, proposal } from './reports';

function applied(text: string, change: IChange | null): string | null {
  return change && text.slice(0, change.from) + change.insert + text.slice(change.to);
}

describe('the smallest change', () => {
  it('is empty between equal texts', () => {
    expect(smallestChange('abc', 'abc')).toEqual({ from: 3, to: 3, insert: '' });
  });

  it('touches only what differs', () => {
    expect(smallestChange('f(x)', 'f(x, y)')).toEqual({ from: 3, to: 3, insert: ', y' });
  });

  it.each([
    ['aaa', 'aa'],
    ['aa', 'aaaa'],
    ['', 'new'],
    ['old', ''],
    ['a\nb\nc', 'a\nX\nc'],
    [SLOW, FAST]
  ])('leads from %j to %j', (before, after) => {
    expect(applied(before, smallestChange(before, after))).toBe(after);
  });
});

describe('a proposal', () => {
  const second = { cell_id: 'b', cell: null, before: 'b', after: 'c' };
  const two = proposal({ edits: [...proposal().edits, second] });

  it.each([
    ['is refused where the cell was edited', proposal(), { a: `${SLOW}#` }, 'edited'],
    ['is refused where the cell is gone', proposal(), { b: 'b' }, 'gone'],
    ['is refused where only one of its cells still fits', two, { a: SLOW, b: 'x' }, 'edited'],
    ['is refused where it was applied by halves', two, { a: FAST, b: 'b' }, 'edited'],
    ['fits where every cell holds what was judged', two, { a: SLOW, b: 'b' }, 'ready'],
    ['is done where every cell holds its result', two, { a: FAST, b: 'c' }, 'applied']
  ])('%s', (_, what, texts, state) => {
    expect(fixState(what, new Map(Object.entries(texts)))).toBe(state);
  });

  it('without a cell finds the only one with that text', () => {
    const edits = proposal().edits.map(edit => ({ ...edit, cell_id: null }));
    const anywhere = proposal({ edits });
    expect(fixState(anywhere, new Map([['z', SLOW]]))).toBe('ready');
    expect(fixState(anywhere, new Map([['y', SLOW], ['z', SLOW]]))).toBe('gone'); // prettier-ignore
  });
});

describe('ignoring', () => {
  const text = 'a = 1\nb = compute()  # note\n';

  it.each([
    ['a line that is not there', text, 9],
    ['a line that goes on after a backslash', 'a = \\\n  1', 1],
    ['a line that ends inside a string', 'a = """\n"""', 1]
  ])('leaves %s alone', (_, source, line) => {
    expect(ignoreChange(source, line, 'rule')).toBeNull();
  });

  it('adds a comment to the line', () => {
    const expected = 'a = 1  # dask-lens: ignore[rule]\nb = compute()  # note\n';
    expect(applied(text, ignoreChange(text, 1, 'rule'))).toBe(expected);
  });

  it('adds a comment behind another one', () => {
    const expected = 'a = 1\nb = compute()  # note  # dask-lens: ignore[rule]\n';
    expect(applied(text, ignoreChange(text, 2, 'rule'))).toBe(expected);
  });

  it('joins a comment that ignores another rule', () => {
    const other = 'a = 1  # dask-lens: ignore[other]';
    const expected = 'a = 1  # dask-lens: ignore[other, rule]';
    expect(applied(other, ignoreChange(other, 1, 'rule'))).toBe(expected);
  });

  it('is seen for the rules named, or for all where none is', () => {
    const named = 'a  # dask-lens: ignore[one, two]\nb  # dask-lens: ignore\nc';
    expect([1, 2, 3].map(line => isIgnored(named, line, 'two'))).toEqual([true, true, false]);
    expect(isIgnored(named, 1, 'three')).toBe(false);
  });
});
