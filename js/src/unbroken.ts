/** Texts that end no line between a number and its unit, nor before the dot between two parts. */

import { html } from './dom';
import type { Child } from './dom';

const AMOUNT = /(\d[\d.,]* (?:(?:µs|ms|s|min|h|B|[kMGT]i?B|KiB)\b|%))/;

/** Words that stay together, if the line is long enough for them. */
export function whole(words: string): HTMLElement {
  return html('span', { class: 'dask-lens-Whole' }, words);
}

/** The text in pieces of which each stays together. */
export function unbroken(text: string): readonly Child[] {
  const parts = text.split(' · ');
  if (parts.length > 1) {
    return parts.flatMap((part, n) =>
      n < parts.length - 1 ? [whole(`${part} ·`), ' '] : [whole(part)]
    );
  }
  return text.split(AMOUNT).map((piece, n) => (n % 2 === 1 ? whole(piece) : piece));
}
