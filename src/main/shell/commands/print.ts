/** What commands print: JSON objects for programs, tables for people, both on standard output. */

/** One object on one line. */
export const printJson = (value: unknown): void => console.log(JSON.stringify(value));

export interface Column<Row> {
  title: string;
  value: (row: Row) => string | number;
}

/** A table with aligned columns: text to the left, numbers to the right. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => String(row[i]).length)));
  const isNumber = columns.map(
    (_column, i) => cells.length > 0 && cells.every((row) => typeof row[i] === 'number' || /^[−\d–]/.test(row[i])),
  );
  const line = (texts: readonly (string | number)[]) =>
    texts
      .map((text, i) => (isNumber[i] ? String(text).padStart(widths[i]) : String(text).padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}

/** A number with fixed decimals, or a dash where it is undefined. */
export const fixed = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits).replace('-', '−'));
