/** Translated texts, for code that may not know JupyterLab: a translation bundle is one. */

export interface ITexts {
  /** Translate; `%1`, `%2` are replaced by the arguments. */
  __(message: string, ...values: readonly (string | number)[]): string;
}

/** Texts as they are written in the source. */
export const english: ITexts = {
  __: (message, ...values) =>
    message.replace(/%(\d+)/g, (_, place: string) => String(values[Number(place) - 1] ?? ''))
};
