/** The marks around a slice: orientation letters, position, scale bar and the strip of differences. */
import { type Band, thresholds } from './differences';
import { scaleBar } from './viewGeometry';

export interface CaptionState {
  caption: string;
  letters: { left: string; right: string; top: string; bottom: string };
  label: string;
  /** False when left and right are not where most readers expect them; the letters then change colour. */
  isConventional: boolean;
  /** CSS pixels per millimetre. */
  scale: number;
  slice: number;
  slices: number;
  /** Null hides the strip: there is nothing to compare. */
  bands: readonly Band[] | null;
  /** The most the scale bar may take, in CSS pixels. */
  longestBar: number;
}

function element<K extends keyof HTMLElementTagNameMap>(host: HTMLElement, tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  host.append(made);
  return made;
}

const setText = (node: HTMLElement, text: string) => {
  if (node.textContent !== text) node.textContent = text;
};

/** Strip positions in percent of its height; the last slice is at the top, as the axis points up. */
export const stripTop = (slice: number, slices: number): number => (100 * (slices - 1 - slice)) / slices;

/** @param onPick  A slice chosen by pressing the strip. */
export function createCaptions(host: HTMLElement, onPick: (slice: number) => void) {
  const sides = (['left', 'right', 'top', 'bottom'] as const).map((side) => [side, element(host, 'span', `view-letter ${side}`)] as const);
  const foot = element(host, 'div', 'view-foot');
  const position = element(foot, 'span', 'view-position');
  const bar = element(foot, 'span', 'view-scale');
  const barText = element(bar, 'span', '');
  const barLine = element(bar, 'i', '');
  const strip = element(host, 'div', 'view-strip');
  const tick = element(strip, 'i', 'tick');
  strip.title = `Where the masks differ along this axis: amber from ${thresholds.some * 100} %, red from ${thresholds.much * 100} % of the marked voxels of a slice. Press to go there.`;
  let bandKey = '';
  let slices = 1;

  const pick = (event: PointerEvent) => {
    if (event.type === 'pointermove' && event.buttons !== 1) return;
    event.stopPropagation();
    event.preventDefault();
    const { top, height } = strip.getBoundingClientRect();
    onPick(slices - 1 - Math.floor(((event.clientY - top) / height) * slices));
  };
  strip.addEventListener('pointerdown', (event) => {
    strip.setPointerCapture(event.pointerId);
    pick(event);
  });
  strip.addEventListener('pointermove', pick);

  const showBands = (bands: readonly Band[] | null) => {
    const key = JSON.stringify([bands, slices]);
    if (key === bandKey) return;
    bandKey = key;
    strip.hidden = bands === null;
    strip.replaceChildren(
      ...(bands ?? []).map((band) => {
        const mark = document.createElement('i');
        mark.className = `band ${band.severity}`;
        mark.style.top = `${stripTop(band.to, slices)}%`;
        mark.style.height = `${(100 * (band.to - band.from + 1)) / slices}%`;
        return mark;
      }),
      tick,
    );
  };

  return {
    show(state: CaptionState) {
      slices = state.slices;
      showBands(state.bands);
      tick.style.top = `${stripTop(state.slice, slices) + 50 / slices}%`;
      for (const [side, letter] of sides) {
        setText(letter, state.letters[side]);
        letter.classList.toggle('unusual', !state.isConventional);
      }
      setText(position, state.label);
      const { mm, pixels } = scaleBar(state.scale, state.longestBar);
      setText(barText, mm >= 1 ? `${mm} mm` : `${mm * 1000} µm`);
      barLine.style.width = `${pixels}px`;
      host.setAttribute('aria-label', `${state.caption}: ${state.label}`);
    },
    dispose() {
      for (const node of [foot, strip, ...sides.map(([, letter]) => letter)]) node.remove();
    },
  };
}
