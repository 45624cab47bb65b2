/** What is said about teachers, beside their numbers. */
import { type HuWindow, huWindows, type IntensityTreatment, type Teacher } from '../../../shared/teachers';
import { deviceWords } from '../../ui/devices';
import { short } from '../../ui/numbers';

const rangeWords = ({ range: [low, high] }: HuWindow) => `${short(low)} … ${short(high)} HU`;
const scaled = 'mean 0 and spread 1 over voxels above 0';

export const intensityWords: Record<IntensityTreatment, string> = {
  imagenet: 'window to 0 … 1, then the mean and spread of ImageNet',
  unit: 'window to 0 … 1',
  'z-score over positive': scaled,
  'z-score over positive of soft tissue': `cut to ${rangeWords(huWindows.softTissue)}, then ${scaled}`,
  'z-score over positive of squeezed soft tissue': `what lies beyond ${rangeWords(huWindows.squeezed)} squeezed to ${100 * huWindows.squeezed.beyond} %, then ${scaled}`,
  none: 'as they are',
};

/** `3D, 1 channel, 128 × 128 × 128`. */
export function inputWords({ axes, channels, sides, multipleOf }: Teacher['input']): string {
  const size = sides.map((side) => side ?? `n·${multipleOf}`).join(' × ');
  return `${axes}D, ${channels} ${channels === 1 ? 'channel' : 'channels'}, ${size}`;
}

export interface Standing {
  words: string;
  tone: 'good' | 'caution' | 'bad';
}

/** What has been agreed about its use. */
export function licenceStanding({ licence, acceptedAt }: Pick<Teacher, 'licence' | 'acceptedAt'>): Standing {
  if (!licence) return { words: 'Licence unknown', tone: 'bad' };
  return { words: licence.name, tone: acceptedAt ? 'good' : 'caution' };
}

/** How its newest check went. */
export function checkStanding({ checks: [newest] }: Pick<Teacher, 'checks'>): Standing {
  if (!newest) return { words: 'not checked', tone: 'caution' };
  return newest.agrees ? { words: 'answers as it did', tone: 'good' } : { words: 'answers differently', tone: 'bad' };
}

/** `1.8 s · Processor`, or a dash before the first check. */
export function speedWords({ checks: [newest] }: Pick<Teacher, 'checks'>): string {
  if (!newest) return '–';
  const { seconds, device } = newest;
  const time = seconds < 0.01 ? 'under 0.01' : seconds < 1 ? seconds.toFixed(2) : short(seconds);
  return `${time} s · ${deviceWords[device]}`;
}
