/** Numbers as people read them. */

/** A duration in seconds: `13 µs`, `0.3 ms`, `12 ms`, `2.3 s`, `4 min 05 s`, `2 h 10 min`. */
export function seconds(value: number): string {
  if (value > 0 && value < 0.00005) {
    return `${(value * 1e6).toFixed(0)} µs`;
  }
  if (value < 0.01) {
    return `${(value * 1000).toFixed(1)} ms`;
  }
  if (value < 0.9995) {
    return `${(value * 1000).toFixed(0)} ms`;
  }
  if (value < 59.95) {
    return `${value.toFixed(1)} s`;
  }
  const whole = Math.round(value);
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  }
  const minutes = Math.round(value / 60);
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

/** From one duration to another, the unit once where it is the same: `4.3–5.0 s`. */
export function secondsRange(low: number, high: number): string {
  const [from, to] = [seconds(low), seconds(high)];
  const [amount, unit] = [from.split(' ')[0] ?? '', from.slice(from.indexOf(' '))];
  return to.endsWith(unit) && !unit.includes('min') ? `${amount}–${to}` : `${from}–${to}`;
}

/** An amount of memory: `512 B`, `3.4 KiB`, `12 MiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let rank = 0;
  let amount = value;
  while (amount >= 1024 && rank < units.length - 1) {
    amount /= 1024;
    rank += 1;
  }
  return `${amount.toFixed(rank > 0 && amount < 9.95 ? 1 : 0)} ${units[rank]}`;
}

/** A count with thousands set apart: `12,400`. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A parallelism: one digit after the point up to 100, none beyond. */
export function parallel(value: number): string {
  return value < 99.95 ? value.toFixed(1) : count(value);
}

/** Any value that a rule gives as evidence, on one line. */
export function evidence(value: unknown): string {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)));
  }
  if (Array.isArray(value)) {
    return value.map(evidence).join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
