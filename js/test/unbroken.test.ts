import { describe, expect, it } from 'vitest';

import { html } from '../src/dom';
import { unbroken } from '../src/unbroken';

describe('a text that is not broken at the wrong place', () => {
  it.each([
    ['without an amount', 'reads x 3 times', []],
    ['with amounts', '0.3 s of 1,200 ms: 48 % in 3 sums of 20 kB', ['0.3 s', '1,200 ms', '48 %', '20 kB']], // prettier-ignore
    ['of several parts', '1.0 of 2 in parallel · 0.4 s · threads', ['1.0 of 2 in parallel ·', '0.4 s ·', 'threads']], // prettier-ignore
    ['of hostile markup', '<b>1 s</b>', ['1 s']]
  ])('is the same text %s', (_, text, kept) => {
    const node = html('p', {}, ...unbroken(text));
    expect(node.textContent).toBe(text);
    expect([...node.children].map(({ textContent }) => textContent)).toEqual(kept);
  });
});
