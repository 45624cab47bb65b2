/**
 * Where MuDuo's released code and what its teachers were trained for part ways, one switch each. What a method needs to be repeated is
 * `released`; what we believe was meant, and the default, is `intended`.
 */
import type { ClickOptions } from './clicks';
import type { AbsentRule } from './consensus';

export interface MuduoChoices {
  /** Clicks per structure, K. */
  clicks: number;
  /** The code clicks on neighbours at one end of a structure; to cover uneven uptake, clicks must lie apart. */
  picking: ClickOptions['picking'];
  /** The code fills up with negative clicks on the very voxel that was clicked on. */
  filling: ClickOptions['filling'];
  /** The code learns an absent structure from whatever the teachers say, where it is absent from every sample. */
  absent: AbsentRule;
  /** The CT teacher learned from masks of logits; the code, and so far every configuration, shows it the student's probabilities. */
  maskPrompt: 'probabilities' | 'logits';
  /** The PET teacher never saw a click without a mask beside it: at the first one, an empty one of zeros. */
  besideClicks: 'emptyMask' | 'nothing';
  /** Clicks all at once, as the method has them, or one after the other with the mask so far, as the PET teacher was trained. */
  clicking: 'together' | 'inTurn';
  /** The teachers learned from arrays whose first axis is x; ours, and the code's, begin with z. */
  teacherAxes: 'reversed' | 'asStored';
}

export const intended: MuduoChoices = {
  clicks: 3,
  picking: 'spread',
  filling: 'repeated',
  absent: 'skipped',
  maskPrompt: 'probabilities',
  besideClicks: 'emptyMask',
  clicking: 'together',
  teacherAxes: 'reversed',
};

export const released: MuduoChoices = {
  clicks: 3,
  picking: 'firstVoxels',
  filling: 'negative',
  absent: 'taught',
  maskPrompt: 'probabilities',
  besideClicks: 'nothing',
  clicking: 'together',
  teacherAxes: 'asStored',
};
