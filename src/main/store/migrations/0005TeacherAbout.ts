/** Format 5: what a teacher's authors say of it, where its file carries that. */
export const teacherAbout = `
ALTER TABLE teachers ADD COLUMN about TEXT;
`;
