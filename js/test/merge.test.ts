import { describe, expect, it } from 'vitest';

import { allFixes, fixState } from '../src/cells/fixes';
import { lineNow, merge, rebase } from '../src/cells/merge';
import type { FindingReport } from '../src/wire';
import { finding, proposal } from './reports';

const CODE = 'import dask\na = x.compute()\nb = 1\nc = y.compute()\n';
const FIRST = CODE.replace('x.compute()', 'x.compute(chunksize=1)');
const SECOND = CODE.replace('y.compute()', 'y.persist()');
const BOTH = FIRST.replace('y.compute()', 'y.persist()');
const NEXT_LINE = CODE.replace('b = 1', 'b = 2');
const IMPORTS = [`import math\n${CODE}`, `from os import path\n${CODE}`];

describe('versions of one text', () => {
  it.each([
    ['are at odds where they change one line', [FIRST, CODE.replace('x', 'z')], null],
    ['are at odds where one takes out what the other changes', [FIRST, 'import dask\n'], null],
    ['are at odds where their order would matter', [`f()\n${CODE}`, `g()\n${CODE}`], null],
    ['are the text where there are none', [], CODE],
    ['are put together', [FIRST, SECOND], BOTH],
    ['are put together in any order', [SECOND, FIRST], BOTH],
    ['may change lines side by side', [FIRST, NEXT_LINE], FIRST.replace('b = 1', 'b = 2')],
    [
      'bring what they share once',
      [`import math\n${FIRST}`, `import math\n${SECOND}`],
      `import math\n${BOTH}`
    ],
    ['bring imports of each', IMPORTS, `import math\nfrom os import path\n${CODE}`]
  ])('%s', (_, versions, merged) => {
    expect(merge(CODE, versions)).toBe(merged);
  });
});

describe('a change of a text with other changes in it', () => {
  it.each([
    ['is refused where somebody typed', `${SECOND}# mine\n`, null],
    ['is refused where somebody typed in its line', SECOND.replace('x.c', 'z.c'), null],
    ['is refused where the other change is not known', NEXT_LINE, null],
    ['is made beside them', SECOND, BOTH],
    ['is known where it was made before', BOTH, BOTH],
    ['is made alone', CODE, FIRST]
  ])('%s', (_, now, next) => {
    expect(rebase(CODE, now, FIRST, [SECOND])).toBe(next);
  });
});

describe('a line', () => {
  it.each([
    ['stays behind it', CODE, `${CODE}more\n`, 4, 4],
    ['moves with what comes above', CODE, `one\ntwo\n${CODE}`, 4, 6],
    ['stays where it only changed', CODE, SECOND, 4, 4],
    ['moves up', CODE, CODE.slice('import dask\n'.length), 2, 1],
    ['is gone where it was taken out', CODE, 'import dask\n', 2, null],
    ['is gone where it was cut up', CODE, CODE.replace('b = 1', 'b = (\n  1\n)'), 3, null]
  ])('%s', (_, before, now, line, place) => {
    expect(lineNow(before, now, line)).toBe(place);
  });
});

function fix(after: string, changes: Parameters<typeof proposal>[0] = {}): FindingReport {
  const edits = [{ cell_id: 'a', cell: null, before: CODE, after }];
  return finding({ message: after, proposals: [proposal({ edits, ...changes })] });
}

describe('fixes of one cell', () => {
  const [one, other] = [fix(FIRST), fix(SECOND)];
  const all = [one, other];
  const state = (found: FindingReport, text: string): string =>
    fixState(found.proposals[0] ?? proposal(), new Map([['a', text]]), all);

  it('fit, and are known as applied, one after the other', () => {
    expect([state(one, SECOND), state(other, SECOND)]).toEqual(['ready', 'applied']);
    expect([state(one, BOTH), state(other, BOTH)]).toEqual(['applied', 'applied']);
  });

  it('do not fit where the text was edited as well', () => {
    expect(state(one, `${SECOND}# mine`)).toBe('edited');
  });

  it('fit beside the comment that ignores another finding, not in its line', () => {
    const ignored = finding({ name: 'other', line: 4, end_line: 4, column: 1 });
    const text = CODE.replace('y.compute()', 'y.compute()  # dask-lens: ignore[other]');
    const stateOf = (found: FindingReport): string =>
      fixState(found.proposals[0] ?? proposal(), new Map([['a', text]]), [...all, ignored]);
    expect([stateOf(one), stateOf(other)]).toEqual(['ready', 'edited']);
  });

  it('of one finding exclude each other', () => {
    const choice = finding({ proposals: [...one.proposals, ...other.proposals] });
    const [first] = choice.proposals;
    expect(first && fixState(first, new Map([['a', SECOND]]), [choice])).toBe('replaced');
  });

  it.each([
    ['ask', [one, fix(SECOND, { safety: 'ask' })], FIRST, 1],
    ['tip', [fix(FIRST, { safety: 'tip' }), other], SECOND, 1],
    ['clash', [one, fix(CODE.replace('x', 'z'))], FIRST, 1],
    ['all', all, BOTH, 2],
    ['none', [], CODE, 0]
  ])('are applied together as far as they are safe and fit: %s', (_, found, text, fixes) => {
    const plan = allFixes(found, new Map([['a', CODE]]), found);
    expect(plan.texts.get('a')).toBe(text);
    expect(plan.fixes).toBe(fixes);
  });

  it('are not applied again', () => {
    expect(allFixes(all, new Map([['a', BOTH]]), all).fixes).toBe(0);
  });
});
