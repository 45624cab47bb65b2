/** How far something is. */

/** @param fraction 0…1, or null while nobody knows. */
export function ProgressBar({ fraction, label }: { fraction: number | null; label: string }) {
  const share = fraction === null ? null : Math.min(1, Math.max(0, fraction));
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      data-unknown={share === null ? '' : undefined}
    >
      <span style={share === null ? undefined : { transform: `scaleX(${share})` }} />
    </div>
  );
}
