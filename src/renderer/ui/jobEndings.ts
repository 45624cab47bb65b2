/** What jobs brought, in sentences. */
import type { Job } from '../../shared/domain';
import { counted } from './numbers';

/** What a finished job brought, in one sentence. */
export function sentenceOfEnd({ title, result }: Pick<Job, 'title' | 'result'>): string {
  switch (result?.kind) {
    case 'import':
    case 'demo': {
      const { imported, refused } = result.report;
      return `${title}: ${counted(imported.length, 'case')} imported${refused.length > 0 ? `, ${counted(refused.length, 'file')} refused` : ''}.`;
    }
    case 'predict':
      return `${title}: ${counted(result.predictions.length, 'mask')} made.`;
    case 'evaluate':
      return `${title}: ${counted(result.summary.cases.length, 'case')} scored.`;
    case 'export':
      return `${title}: ${counted(result.files.length, 'file')} written.`;
    case 'check':
      return result.report.ok
        ? `${title}: everything is as it was saved.`
        : `${title}: ${counted(result.report.problems.length, 'problem')}.`;
    case 'teachers': {
      const { imported, refused } = result.report;
      return `${title}: ${counted(imported.length, 'teacher')} there${refused.length > 0 ? `, ${counted(refused.length, 'file')} refused` : ''}.`;
    }
    case 'teacherCheck':
      return result.check.agrees ? `${title}: it answers as it did.` : `${title}: it answers differently than it did.`;
    case 'study':
      return `${title}: every student is trained and scored.`;
    case 'look':
      return `${title}: ${counted(result.cases, 'case')} looked at.`;
    case undefined:
      return `${title}: done.`;
  }
}
