import { describe, expect, it } from 'vitest';

import { read, readReport } from '../src/reading';
import { finding, report, sample } from './reports';

describe('a value that is no report is refused', () => {
  it.each([
    ['nothing', null],
    ['a text', 'report'],
    ['a list', [report()]],
    ['another version', { ...report(), version: 2 }],
    ['a missing field', { ...report(), headline: undefined }],
    ['a field of another type', { ...report(), headline: 3 }],
    ['a finding that is none', { ...report(), findings: [{ ...finding(), line: 'two' }] }],
    ['evidence that is a list', { ...report(), findings: [finding({ evidence: [] as never })] }]
  ])('%s', (_, value) => {
    expect(readReport(value)).toBeNull();
  });
});

describe('what the kernel sends is read', () => {
  it('a report', () => {
    expect(readReport(report())).toEqual(report());
  });

  it('a report with fields of a later release', () => {
    expect(readReport({ ...report(), later: 1 })).not.toBeNull();
  });

  it('nothing where nothing is allowed', () => {
    const bare = finding({ cell_id: null, line: null, column: null, cost: null });
    expect(readReport(report({ findings: [bare], parallelism: null }))).not.toBeNull();
  });

  it('a sample of the gauge', () => {
    expect(read('Live', sample(1))).toEqual(sample(1));
  });
});
