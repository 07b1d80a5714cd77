import { describe, expect, it } from 'vitest';

import { count, evidence, parallel, seconds, secondsRange } from '../src/units';

describe('durations', () => {
  it.each([
    [0, '0.0 ms'],
    [0.000013, '13 µs'],
    [0.0003, '0.3 ms'],
    [0.012, '12 ms'],
    [0.9996, '1.0 s'],
    [2.34, '2.3 s'],
    [59.96, '1 min 00 s'],
    [245, '4 min 05 s'],
    [3599.7, '1 h 00 min'],
    [7800, '2 h 10 min']
  ])('%d is %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });
});

describe('ranges', () => {
  it.each([
    [4.3, 5, '4.3–5.0 s'],
    [0.5, 1.5, '500 ms–1.5 s'],
    [65, 125, '1 min 05 s–2 min 05 s']
  ])('%d to %d is %s', (low, high, text) => {
    expect(secondsRange(low, high)).toBe(text);
  });
});

describe('numbers', () => {
  it('sets thousands apart', () => {
    expect(count(12400)).toBe('12,400');
  });

  it('gives parallelism one digit, but not when it is large', () => {
    expect([parallel(1), parallel(99.9), parallel(1234.5)]).toEqual(['1.0', '99.9', '1,235']);
  });

  it('shows any evidence on one line', () => {
    const values = [2, 0.123456, 'inc', ['a', 1], { a: 1 }, null, true];
    expect(values.map(evidence)).toEqual(['2', '0.123', 'inc', 'a, 1', '{"a":1}', 'null', 'true']);
  });
});
