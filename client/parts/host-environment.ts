/** What cannot be promised in a host environment, in the same words wherever something is called read-only. */
export const hostSharesFiles = "A host environment shares the machine’s files: nothing keeps sessions from writing there.";
