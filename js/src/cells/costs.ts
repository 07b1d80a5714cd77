/** What each variant of a comparison took beside time, and where its threads spent it. */

import { budgetBar } from '../charts/budget';
import { html } from '../dom';
import { scrolled } from '../grid';
import type { ITexts } from '../texts';
import { unbroken } from '../unbroken';
import { bytes, seconds } from '../units';
import type { VariantReport } from '../wire';

/** The part of the card that is about costs; null where none is known. */
export function costs(variants: readonly VariantReport[], texts: ITexts): HTMLElement | null {
  const known = variants.filter(({ cpu, memory, budget, startup }) =>
    [cpu, memory, budget, startup].some(value => value !== null)
  );
  if (known.length === 0) {
    return null;
  }
  const head = [
    texts.__('variant'),
    texts.__('mean ± deviation'),
    texts.__('CPU time'),
    texts.__('memory peak'),
    texts.__('moved'),
    texts.__('start-up'),
    texts.__('predicted, start-up included')
  ];
  const rows = known.map(variant => {
    const { name, runs, mean, deviation, cpu, memory, moved, startup } = variant;
    // Nothing measured of what has run: nobody could look.
    const unknown = runs.length > 0 ? texts.__('could not look') : '';
    return [
      name,
      mean === null
        ? ''
        : `${seconds(mean)}${deviation === null ? '' : ` ± ${seconds(deviation)}`}`,
      cpu === null ? unknown : seconds(cpu),
      memory === null ? unknown : `+${bytes(memory)}`,
      moved === null ? unknown : bytes(moved),
      startup === null ? '' : seconds(startup),
      predictedWords(variant)
    ];
  });
  return html(
    'details',
    { class: 'dask-lens-Costs', open: true },
    html('summary', {}, texts.__('What each took')),
    scrolled(texts.__('What each variant took'), head, rows),
    ...variants.map(variant => spent(variant, texts))
  );
}

/** Where one variant's thread time went, and what it lost most by. */
function spent({ name, budget, cause }: VariantReport, texts: ITexts): HTMLElement | null {
  const hasBudget = budget !== null && budget.total > 0;
  if (!hasBudget && cause === null) {
    return null;
  }
  return html(
    'div',
    { class: 'dask-lens-Costs-variant' },
    html('b', {}, name),
    cause === null ? null : html('span', { class: 'dask-lens-Costs-cause' }, ...unbroken(cause)),
    hasBudget ? budgetBar(budget, texts) : null
  );
}

/** What was predicted, and by how much it was off; empty where nothing was. */
export function predictedWords({ predicted, waited }: VariantReport): string {
  if (!predicted) {
    return '';
  }
  const off = waited ? Math.round(100 * (predicted.mid / waited - 1)) : null;
  return off === null
    ? seconds(predicted.mid)
    : `${seconds(predicted.mid)} (${off < 0 ? '−' : '+'}${Math.abs(off)} %)`;
}
