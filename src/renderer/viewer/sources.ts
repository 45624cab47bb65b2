/** Whose mask it is: the six identities, each with a colour and a line of its own, so that colour never tells alone. */
import type { FileHash } from '../../shared/domain';

export interface MaskSource {
  id: string;
  /** `second-student`: one that another student is compared with. */
  kind: 'reference' | 'student' | 'second-student' | 'teacher-ct' | 'teacher-pet' | 'agreed';
  caption: string;
  /** uint8 labels on the case's grid. */
  file: FileHash;
}

export interface LineStyle {
  /** Custom property that holds the colour. */
  readonly token: string;
  /** Dash and gap in CSS pixels; empty is solid. A dash of almost nothing with round ends is a dot. */
  readonly dash: readonly number[];
  /** What the line is called where it cannot be seen. */
  readonly words: string;
}

export const isStudent = ({ kind }: Pick<MaskSource, 'kind'>): boolean => kind === 'student' || kind === 'second-student';

export const lineStyles: Record<MaskSource['kind'], LineStyle> = {
  reference: { token: '--source-reference', dash: [], words: 'white solid line' },
  student: { token: '--source-student', dash: [], words: 'teal solid line' },
  'second-student': { token: '--source-second-student', dash: [12, 4], words: 'blue line of long dashes' },
  'teacher-ct': { token: '--source-teacher-ct', dash: [6, 4], words: 'amber dashed line' },
  'teacher-pet': { token: '--source-teacher-pet', dash: [0.1, 4], words: 'magenta dotted line' },
  agreed: { token: '--source-agreed', dash: [9, 3, 2, 3], words: 'green dashed and dotted line' },
};
