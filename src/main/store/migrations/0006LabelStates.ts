/**
 * Format 6: whether a label holds all that should be labelled in its case. What teachers were prompted for where nothing had been imported
 * was never said to be complete, so it becomes a draft.
 */
export const labelStates = `
ALTER TABLE labels ADD COLUMN state TEXT NOT NULL DEFAULT 'complete' CHECK (state IN ('draft', 'complete'));

UPDATE labels SET state = 'draft'
WHERE origin = 'prompt'
  AND NOT EXISTS (SELECT 1 FROM labels AS earlier WHERE earlier.caseId = labels.caseId AND earlier.revision < labels.revision AND earlier.origin = 'import');

-- A restored revision is what it was; 0 stood for having no label.
UPDATE labels SET state = coalesce(
  (SELECT state FROM labels AS before WHERE before.caseId = labels.caseId AND before.revision = json_extract(labels.made, '$.revision')), 'draft')
WHERE origin = 'restore';
`;
