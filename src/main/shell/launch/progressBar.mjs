/** One bar over all stages of a command, with the time left: redrawn in a terminal, a line every few seconds elsewhere. Writes to standard error. */
// @ts-check

/** @typedef {{ name: string, title: string, seconds: number }} Stage  `seconds` is what the stage is expected to take; 0 where nobody knows. */
/** @typedef {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} Screen */
/** @typedef {{ screen?: Screen, startedAt?: number, now?: () => number }} Options  `startedAt`: when the command began, if in an earlier process. */

const linesEveryMs = 5_000;
const redrawMs = 200;

/**
 * @param {Stage[]} stages  In the order they will run.
 * @param {Options} [options]
 */
export function progressBar(stages, { screen = process.stderr, startedAt, now = Date.now } = {}) {
  const began = startedAt ?? now();
  let current = -1;
  let stageBegan = began;
  /** @type {number | null} */ let fraction = null;
  /** @type {number | null} */ let stageLeft = null;
  let leftAt = began;
  let message = '';
  let highest = 0;
  let lastLineAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(draw, screen.isTTY ? redrawMs : 1_000);
  timer.unref();

  /** Of the command; `isKnown` until the current stage has outlasted all that was expected of it without saying how far it is. */
  function timeLeft() {
    const spent = (now() - stageBegan) / 1000;
    const expected = stages[current]?.seconds ?? 0;
    const here =
      stageLeft !== null
        ? stageLeft - (now() - leftAt) / 1000
        : fraction !== null && fraction > 0.05
          ? (spent / fraction) * (1 - fraction)
          : expected - spent;
    const later = stages.slice(current + 1).reduce((sum, { seconds }) => sum + seconds, 0);
    return { left: Math.max(here, expected * 0.05) + later, isKnown: here > 0 || stageLeft !== null };
  }

  function draw() {
    if (current < 0) return;
    const elapsed = (now() - began) / 1000;
    const { left, isKnown } = timeLeft();
    // A bar that runs backwards is worse than one that waits. A single stage that says how far it is needs no estimate at all.
    highest = stages.length === 1 && fraction !== null ? fraction : Math.max(highest, Math.min(0.99, elapsed / (elapsed + left || 1)));
    const percent = `${Math.floor(highest * 100)} %`.padStart(5);
    const text = `${stages[current].title}${message && `: ${message}`}${isKnown ? ` · ${inWords(left)} left` : ''}`;
    if (screen.isTTY) {
      const width = 24;
      const filled = Math.round(highest * width);
      const line = `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${percent}  ${text}`;
      screen.write(`\r\x1b[K${line.slice(0, (screen.columns ?? 100) - 1)}`);
    } else if (now() - lastLineAt >= linesEveryMs) {
      lastLineAt = now();
      screen.write(`${percent}  ${text}\n`);
    }
  }

  return {
    /** A stage begins, and the one before is over. @param {string} name */
    begin(name) {
      current = stages.findIndex((stage) => stage.name === name);
      if (current < 0) throw new Error(`progressBar: there is no stage ${name}`);
      stageBegan = now();
      fraction = null;
      stageLeft = null;
      message = '';
      if (!screen.isTTY) lastLineAt = Number.NEGATIVE_INFINITY;
      draw();
    },
    /**
     * How far the current stage is. Without `secondsLeft` the time left follows from the fraction.
     * @param {{ fraction?: number, secondsLeft?: number | null, message?: string }} news
     */
    update(news) {
      fraction = news.fraction ?? fraction;
      stageLeft = news.secondsLeft ?? null;
      leftAt = now();
      message = news.message ?? message;
      draw();
    },
    /** Prints a line above the bar. @param {string} text */
    say(text) {
      screen.write(screen.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
      draw();
    },
    /** Ends the bar and clears its line, unless another process goes on drawing there. @param {{ keepLine?: boolean }} [how] */
    close({ keepLine = false } = {}) {
      clearInterval(timer);
      current = -1;
      if (screen.isTTY && !keepLine) screen.write('\r\x1b[K');
    },
  };
}

/** A duration as a person says it. @param {number} seconds */
export function inWords(seconds) {
  if (seconds < 10) return 'a few seconds';
  if (seconds < 90) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
