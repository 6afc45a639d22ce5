/** What is absent stays as it is, null is the default: the rule of all inputs. */
export const orDefault = <T>(value: T | null | undefined, byDefault: T): T | undefined => (value === undefined ? undefined : (value ?? byDefault));

/** Without what is absent. */
export type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
export const present = <Fields extends object>(fields: Fields): Present<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
