/** Window presets by modality, and the window a channel opens with. */
import type { Channel } from '../../shared/domain';
import type { Window } from './colours';

export interface WindowPreset {
  readonly name: string;
  readonly window: Window;
}

const around = (name: string, width: number, centre: number): WindowPreset => ({
  name,
  window: { low: centre - width / 2, high: centre + width / 2 },
});

/** HU; what 3D Slicer and OHIF users expect. The first five answer to Shift+1…5. */
export const ctPresets: readonly WindowPreset[] = [
  around('Soft tissue', 400, 40),
  around('Lung', 1500, -600),
  around('Bone', 2500, 480),
  around('Liver', 150, 90),
  around('Brain', 80, 40),
  around('Abdomen', 350, 40),
];

/** SUV. */
export const petPresets: readonly WindowPreset[] = [5, 7, 10, 15, 20].map((high) => ({ name: `SUV 0–${high}`, window: { low: 0, high } }));

/** Never narrower than a thousandth of the channel's range, so that a flat image cannot divide by zero. */
function atLeast(window: Window, { min, max }: { min: number; max: number }): Window {
  const least = Math.max((max - min) / 1000, 1e-6);
  return window.high - window.low >= least ? window : { low: window.low, high: window.low + least };
}

/** Presets a person may pick for a channel. Units other than HU and SUV have no anatomy to them: percentiles and the full range. */
export function presetsFor({ unit, statistics: s }: Pick<Channel, 'unit' | 'statistics'>): readonly WindowPreset[] {
  if (unit === 'HU') return ctPresets;
  if (unit === 'SUV') return petPresets;
  return [
    { name: 'Automatic', window: atLeast({ low: s.p005, high: s.p995 }, s) },
    { name: 'Narrow', window: atLeast({ low: s.p05, high: s.p95 }, s) },
    { name: 'Full range', window: atLeast({ low: s.min, high: s.max }, s) },
  ];
}

/** PET opens at SUV 0–7 alone and 0–10 over CT; CT in soft tissue; anything else at its own percentiles. */
export function openingWindow(channel: Pick<Channel, 'unit' | 'statistics'>, isOverlay: boolean): Window {
  if (channel.unit === 'SUV') return isOverlay ? { low: 0, high: 10 } : { low: 0, high: 7 };
  return presetsFor(channel)[0].window;
}

/** Width / centre for HU, low – high otherwise. */
export function windowText({ low, high }: Window, unit: Channel['unit']): string {
  const number = (x: number) => {
    const digits = unit === 'HU' ? 0 : high - low < 1 ? 3 : high - low < 100 ? 1 : 0;
    return String(Number(x.toFixed(digits))).replace('-', '−');
  };
  return unit === 'HU' ? `${number(high - low)} / ${number((low + high) / 2)}` : `${number(low)} – ${number(high)}`;
}

/** A drag of the window tool: sideways widens, upwards brightens (lowers the centre). A view's width is the whole window. */
export function dragWindow({ low, high }: Window, dx: number, dy: number, range: number): Window {
  const width = Math.max(range / 2000, high - low + (dx * Math.max(high - low, range / 50)) / 200);
  const centre = (low + high) / 2 + (dy * Math.max(high - low, range / 50)) / 300;
  return { low: centre - width / 2, high: centre + width / 2 };
}
