/** The few line icons of the interface, drawn on a 16-unit square in the colour of the text beside them. */
const paths = {
  cases: 'M2.5 3.5h11v9h-11zM2.5 9.5l3-3 3 3 2-2 3 3',
  runs: 'M2.5 13.5v-11M2.5 13.5h11M5 4.5c1 5 3.5 6.5 8 6.8',
  studies: 'M5 2.5v11M7 5h6M9 5h.1M4 8.5h5M6.5 8.5h.1M7.5 12h4',
  results: 'M3 13V8.5M8 13V3M13 13V6',
  models:
    'M4 4.5h0M4 11.5h0M12 8h0M5.4 5l5.2 2.4M5.4 11l5.2-2.4M4 3a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4 10a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM12 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  teachers: 'M1.5 6L8 3l6.5 3L8 9zM4.5 7.5v3.2c2 1.7 5 1.7 7 0V7.5M14.5 6v4',
  ledger: 'M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2.5',
  project: 'M2.5 4.5v8h11v-6.5H8L6.5 4z',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  play: 'M5 3.5v9l7-4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  caution: 'M8 2.5l6 11H2zM8 6.5v3.5M8 11.8v.2',
  left: 'M2.5 3h11v10h-11zM6.5 3v10',
  right: 'M2.5 3h11v10h-11zM9.5 3v10',
  keyboard: 'M1.5 4.5h13v7h-13zM4 7h.1M6.6 7h.1M9.2 7h.1M12 7h.1M5 9.5h6',
} as const;

export type IconName = keyof typeof paths;

/** An icon beside text, or alone in a button that has an accessible name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
