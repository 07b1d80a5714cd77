/** What the kernel sends. Written by wire_types.py from the Python dataclasses: do not edit. */

export interface Bounds {
  readonly work: number;
  readonly span: number;
  readonly least: number;
  readonly most: number;
}

export interface Box {
  readonly key: string;
  readonly prefix: number;
  readonly start: number;
  readonly duration: number;
  readonly critical: boolean;
  readonly erred: boolean;
}

export interface Budget {
  readonly total: number;
  readonly cpu: number;
  readonly waiting: number;
  readonly movement: number;
  readonly scheduling: number;
  readonly dependencies: number;
  readonly tail: number;
  readonly client: number;
}

export interface CellReference {
  readonly cell_id: string | null;
  readonly execution_count: number | null;
}

export interface ComparisonReport {
  readonly version: number;
  readonly baseline: string | null;
  readonly variants: readonly VariantReport[];
  readonly recommended: string | null;
  readonly conclusion: string;
  readonly warnings: readonly string[];
  readonly rounds: number;
  readonly seed: number;
  readonly tolerance: string;
  readonly curve: readonly CurvePoint[];
  readonly proposal: Proposal | null;
}

export interface ComputationReport {
  readonly scheduler: string;
  readonly cell_id: string | null;
  readonly line: number | null;
  readonly tasks: number;
  readonly threads: number;
  readonly start: number;
  readonly stop: number | null;
  readonly parallelism: number | null;
  readonly ceiling: number | null;
  readonly budget: Budget | null;
  readonly bounds: Bounds | null;
  readonly critical_path: readonly CriticalStep[];
  readonly critical_tasks: number;
  readonly width: Width | null;
  readonly hidden_dependencies: readonly HiddenDependency[];
}

export interface CriticalStep {
  readonly key: string;
  readonly layer: string;
  readonly duration: number;
  readonly cell_id: string | null;
  readonly cell: number | null;
  readonly execution_count: number | null;
  readonly line: number | null;
}

export interface CurvePoint {
  readonly workers: number;
  readonly speedup: number;
  readonly low: number;
  readonly high: number;
  readonly predicted: number | null;
  readonly serial_fraction: number | null;
}

export interface Edit {
  readonly cell_id: string | null;
  readonly cell: number | null;
  readonly before: string;
  readonly after: string;
}

export interface Efficiencies {
  readonly client: number;
  readonly dependencies: number;
  readonly tail: number;
  readonly scheduling: number;
  readonly movement: number;
}

export interface Estimate {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

export interface FindingReport {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly certainty: string;
  readonly message: string;
  readonly advice: string;
  readonly cost: number | null;
  readonly cell_id: string | null;
  readonly cell: number | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly end_line: number | null;
  readonly end_column: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly proposals: readonly Proposal[];
  readonly untouched: readonly Untouched[];
}

export interface HiddenDependency {
  readonly key: string;
  readonly behind: string;
  readonly layer: string;
  readonly behind_layer: string;
  readonly line: number | null;
  readonly behind_line: number | null;
  readonly seconds: number;
}

export interface Lane {
  readonly name: string;
  readonly threads: number;
  readonly boxes: readonly Box[];
  readonly busy: readonly number[];
}

export interface Lanes {
  readonly start: number;
  readonly duration: number;
  readonly tasks: number;
  readonly missing: number;
  readonly prefixes: readonly string[];
  readonly lanes: readonly Lane[];
}

export interface Live {
  readonly time: number;
  readonly running: number;
  readonly threads: number;
  readonly done: number;
  readonly total: number;
  readonly elapsed: number;
  readonly accounts: Readonly<Record<string, number>>;
}

export interface NotJudged {
  readonly name: string;
  readonly reason: string;
}

export interface Parallelism {
  readonly achieved: number;
  readonly threads: number;
  readonly ceiling: number | null;
  readonly available: number | null;
}

export interface Point {
  readonly workers: number;
  readonly seconds: number;
  readonly speedup: number;
}

export interface Proposal {
  readonly name: string;
  readonly safety: string;
  readonly title: string;
  readonly edits: readonly Edit[];
  readonly estimate: Estimate | null;
  readonly unpredicted: string | null;
}

export interface Ratio {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

export interface Report {
  readonly version: number;
  readonly cell: CellReference;
  readonly headline: string;
  readonly computations: readonly ComputationReport[];
  readonly parallelism: Parallelism | null;
  readonly budget: Budget | null;
  readonly findings: readonly FindingReport[];
  readonly not_judged: readonly NotJudged[];
  readonly efficiencies: Efficiencies | null;
  readonly limit: string | null;
}

export interface Speedup {
  readonly points: readonly Point[];
  readonly flat_from: number;
  readonly limit: string;
  readonly text: string;
}

export interface Untouched {
  readonly name: string;
  readonly reason: string;
}

export interface VariantReport {
  readonly name: string;
  readonly runs: readonly number[];
  readonly median: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly half: readonly number[] | null;
  readonly waited: number | null;
  readonly outliers: readonly number[];
  readonly ratio: Ratio | null;
  readonly verdict: string;
  readonly startup: number | null;
  readonly parallelism: number | null;
  readonly threads: number | null;
  readonly budget: Budget | null;
  readonly cause: string | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly moved: number | null;
  readonly results_equal: boolean | null;
  readonly predicted: Estimate | null;
  readonly error: string | null;
}

export interface Width {
  readonly step: number;
  readonly running: readonly number[];
  readonly ready: readonly number[];
  readonly most: number;
}

/** Every type above, by name. */
export interface Wire {
  Bounds: Bounds;
  Box: Box;
  Budget: Budget;
  CellReference: CellReference;
  ComparisonReport: ComparisonReport;
  ComputationReport: ComputationReport;
  CriticalStep: CriticalStep;
  CurvePoint: CurvePoint;
  Edit: Edit;
  Efficiencies: Efficiencies;
  Estimate: Estimate;
  FindingReport: FindingReport;
  HiddenDependency: HiddenDependency;
  Lane: Lane;
  Lanes: Lanes;
  Live: Live;
  NotJudged: NotJudged;
  Parallelism: Parallelism;
  Point: Point;
  Proposal: Proposal;
  Ratio: Ratio;
  Report: Report;
  Speedup: Speedup;
  Untouched: Untouched;
  VariantReport: VariantReport;
  Width: Width;
}

/** The same at run time: `?` may be null, `[]` is a list. */
export const SHAPES: Readonly<Record<keyof Wire, Readonly<Record<string, string>>>> = {
  Bounds: {
    work: 'number',
    span: 'number',
    least: 'number',
    most: 'number'
  },
  Box: {
    key: 'string',
    prefix: 'number',
    start: 'number',
    duration: 'number',
    critical: 'boolean',
    erred: 'boolean'
  },
  Budget: {
    total: 'number',
    cpu: 'number',
    waiting: 'number',
    movement: 'number',
    scheduling: 'number',
    dependencies: 'number',
    tail: 'number',
    client: 'number'
  },
  CellReference: {
    cell_id: 'string?',
    execution_count: 'number?'
  },
  ComparisonReport: {
    version: 'number',
    baseline: 'string?',
    variants: 'VariantReport[]',
    recommended: 'string?',
    conclusion: 'string',
    warnings: 'string[]',
    rounds: 'number',
    seed: 'number',
    tolerance: 'string',
    curve: 'CurvePoint[]',
    proposal: 'Proposal?'
  },
  ComputationReport: {
    scheduler: 'string',
    cell_id: 'string?',
    line: 'number?',
    tasks: 'number',
    threads: 'number',
    start: 'number',
    stop: 'number?',
    parallelism: 'number?',
    ceiling: 'number?',
    budget: 'Budget?',
    bounds: 'Bounds?',
    critical_path: 'CriticalStep[]',
    critical_tasks: 'number',
    width: 'Width?',
    hidden_dependencies: 'HiddenDependency[]'
  },
  CriticalStep: {
    key: 'string',
    layer: 'string',
    duration: 'number',
    cell_id: 'string?',
    cell: 'number?',
    execution_count: 'number?',
    line: 'number?'
  },
  CurvePoint: {
    workers: 'number',
    speedup: 'number',
    low: 'number',
    high: 'number',
    predicted: 'number?',
    serial_fraction: 'number?'
  },
  Edit: {
    cell_id: 'string?',
    cell: 'number?',
    before: 'string',
    after: 'string'
  },
  Efficiencies: {
    client: 'number',
    dependencies: 'number',
    tail: 'number',
    scheduling: 'number',
    movement: 'number'
  },
  Estimate: {
    low: 'number',
    mid: 'number',
    high: 'number'
  },
  FindingReport: {
    code: 'string',
    name: 'string',
    kind: 'string',
    certainty: 'string',
    message: 'string',
    advice: 'string',
    cost: 'number?',
    cell_id: 'string?',
    cell: 'number?',
    line: 'number?',
    column: 'number?',
    end_line: 'number?',
    end_column: 'number?',
    evidence: 'object',
    proposals: 'Proposal[]',
    untouched: 'Untouched[]'
  },
  HiddenDependency: {
    key: 'string',
    behind: 'string',
    layer: 'string',
    behind_layer: 'string',
    line: 'number?',
    behind_line: 'number?',
    seconds: 'number'
  },
  Lane: {
    name: 'string',
    threads: 'number',
    boxes: 'Box[]',
    busy: 'number[]'
  },
  Lanes: {
    start: 'number',
    duration: 'number',
    tasks: 'number',
    missing: 'number',
    prefixes: 'string[]',
    lanes: 'Lane[]'
  },
  Live: {
    time: 'number',
    running: 'number',
    threads: 'number',
    done: 'number',
    total: 'number',
    elapsed: 'number',
    accounts: 'object'
  },
  NotJudged: {
    name: 'string',
    reason: 'string'
  },
  Parallelism: {
    achieved: 'number',
    threads: 'number',
    ceiling: 'number?',
    available: 'number?'
  },
  Point: {
    workers: 'number',
    seconds: 'number',
    speedup: 'number'
  },
  Proposal: {
    name: 'string',
    safety: 'string',
    title: 'string',
    edits: 'Edit[]',
    estimate: 'Estimate?',
    unpredicted: 'string?'
  },
  Ratio: {
    low: 'number',
    mid: 'number',
    high: 'number'
  },
  Report: {
    version: 'number',
    cell: 'CellReference',
    headline: 'string',
    computations: 'ComputationReport[]',
    parallelism: 'Parallelism?',
    budget: 'Budget?',
    findings: 'FindingReport[]',
    not_judged: 'NotJudged[]',
    efficiencies: 'Efficiencies?',
    limit: 'string?'
  },
  Speedup: {
    points: 'Point[]',
    flat_from: 'number',
    limit: 'string',
    text: 'string'
  },
  Untouched: {
    name: 'string',
    reason: 'string'
  },
  VariantReport: {
    name: 'string',
    runs: 'number[]',
    median: 'number?',
    mean: 'number?',
    deviation: 'number?',
    half: 'number[]?',
    waited: 'number?',
    outliers: 'number[]',
    ratio: 'Ratio?',
    verdict: 'string',
    startup: 'number?',
    parallelism: 'number?',
    threads: 'number?',
    budget: 'Budget?',
    cause: 'string?',
    cpu: 'number?',
    memory: 'number?',
    moved: 'number?',
    results_equal: 'boolean?',
    predicted: 'Estimate?',
    error: 'string?'
  },
  Width: {
    step: 'number',
    running: 'number[]',
    ready: 'number[]',
    most: 'number'
  }
};
