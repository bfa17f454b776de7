/** Whether a text that came from outside can be the id of a row at all. */
export const isRowId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
