/** What an operator has said of a real server or a director that is out. */
export interface OperatorNote {
  readonly reason: string;
  /** Who said so: "user@machine". */
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Reads a note. A note that somebody has written by hand, or that is not there, says nothing. */
export function readNote(text: string): Partial<OperatorNote> {
  try {
    const note: unknown = JSON.parse(text);
    return note !== null && typeof note === "object" ? note : {};
  } catch {
    return {};
  }
}
