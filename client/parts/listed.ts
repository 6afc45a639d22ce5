/** "chat", "chat and search", "chat, search and 2 more". */
export const listed = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : allOf(names);

/** However many there are: "chat, search, news and mail". */
export const allOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
