/** Checks what came from outside (a kernel, a saved notebook) against the wire's types. */

import { SHAPES } from './wire';
import type { Wire } from './wire';

/** The wire's version that this page reads. */
const VERSION = 1;

/**
 * Read one wire type.
 *
 * @returns the value itself, or null where it is something else: another version, another
 * program's data, a damaged file.
 */
export function read<K extends keyof Wire>(name: K, value: unknown): Wire[K] | null {
  return matches(name, value) ? (value as Wire[K]) : null;
}

/** Read a report; null where it is none, or one of another version. */
export function readReport(value: unknown): Wire['Report'] | null {
  const report = read('Report', value);
  return report?.version === VERSION ? report : null;
}

/** Read a comparison; null where it is none, or one of another version. */
export function readComparison(value: unknown): Wire['ComparisonReport'] | null {
  const comparison = read('ComparisonReport', value);
  return comparison?.version === VERSION ? comparison : null;
}

/** Whether a value is an object with fields, of any names. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function matches(shape: string, value: unknown): boolean {
  if (shape.endsWith('?')) {
    // A report saved by an earlier version lacks what has been added since.
    return value === null || value === undefined || matches(shape.slice(0, -1), value);
  }
  if (shape.endsWith('[]')) {
    return Array.isArray(value) && value.every(item => matches(shape.slice(0, -2), item));
  }
  if (shape in SHAPES) {
    const fields = Object.entries(SHAPES[shape as keyof Wire]);
    return isRecord(value) && fields.every(([field, kind]) => matches(kind, value[field]));
  }
  return shape === 'unknown' || (shape === 'object' ? isRecord(value) : typeof value === shape);
}
