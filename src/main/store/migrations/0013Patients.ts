/** Format 13: whose studies cases are, so that no patient stands on both sides of the test split. */
export const patients = `
ALTER TABLE cases ADD COLUMN patient TEXT CHECK (patient <> '');
`;
