import { describe, expect, it } from 'vitest';

import type { IChange, ILines } from '../src/cells/edits';
import { ignoreChange, isIgnored, smallestChange } from '../src/cells/edits';
import { fixState } from '../src/cells/fixes';
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

  function at(line: number, endLine = line): ILines {
    return { line, endLine };
  }

  it.each([
    ['a line that is not there', text, 9],
    ['a line inside a string', 'a = """\nb """ + \\\nc', 2]
  ])('leaves %s alone', (_, source, line) => {
    expect(ignoreChange(source, at(line), 'rule')).toBeNull();
  });

  it.each([
    [
      'at the end of the line',
      text,
      1,
      'a = 1  # dask-lens: ignore[rule]\nb = compute()  # note\n'
    ],
    ['behind another', text, 2, 'a = 1\nb = compute()  # note  # dask-lens: ignore[rule]\n'],
    ['above a backslash', '  a = \\\n  1', 1, '  # dask-lens: ignore[rule]\n  a = \\\n  1'],
    ['above a string', 'a = """\n"""', 1, '# dask-lens: ignore[rule]\na = """\n"""']
  ])('puts the comment %s', (_, source, line, expected) => {
    expect(applied(source, ignoreChange(source, at(line), 'rule'))).toBe(expected);
  });

  it.each([
    ['on the line', 'a = 1  # dask-lens: ignore[other]', 1],
    ['on the line above', '# dask-lens: ignore[other]\na = 1', 2]
  ])('joins a comment that ignores another rule %s', (_, source, line) => {
    const expected = source.replace('other', 'other, rule');
    expect(applied(source, ignoreChange(source, at(line), 'rule'))).toBe(expected);
  });

  it.each([
    ['another rule', 'a  # dask-lens: ignore[other]', at(1)],
    ["a line that is not the finding's", 'a\nb  # dask-lens: ignore', at(1)],
    ['the line above, with code before it', 'a  # dask-lens: ignore\nb', at(2)]
  ])('does not silence by a comment for %s', (_, source, lines) => {
    expect(isIgnored(source, lines, 'rule')).toBe(false);
  });

  it.each([
    ['names it', 'a  # dask-lens: ignore[other, rule]', at(1)],
    ['names none', 'a  # dask-lens: ignore', at(1)],
    ['is written otherwise', 'a  #DASK-LENS: ignore[Rule]', at(1)],
    ['ends the last line', 'a(\n)  # dask-lens: ignore', at(1, 2)],
    ['stands alone above', '# dask-lens: ignore\na', at(2)]
  ])('silences by a comment that %s', (_, source, lines) => {
    expect(isIgnored(source, lines, 'rule')).toBe(true);
  });
});
