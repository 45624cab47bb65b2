/** Format 4: how a label revision came to be, where it was not imported: by which teacher and prompts, or from which earlier revision. */
export const labelsMade = `
ALTER TABLE labels ADD COLUMN made TEXT CHECK (made IS NULL OR json_valid(made));

-- The newest label of every labelled case. Restoring revision 0 takes a case back to having none.
CREATE VIEW currentLabels AS
  SELECT * FROM labels AS label
  WHERE revision = (SELECT max(revision) FROM labels WHERE caseId = label.caseId)
    AND NOT (origin = 'restore' AND json_extract(made, '$.revision') = 0);
`;
