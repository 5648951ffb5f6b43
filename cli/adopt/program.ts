// A program as data: what `adopt` declares. One reading of it is the text that the user gets, the other one is what the text
// registers, by which the command proves that the first `up` changes nothing.

/** A host of the program, by name. */
export class HostNamed {
  constructor(readonly name: string) {}
}

/** A secret of the stack's configuration, by key. */
export class SecretNamed {
  constructor(readonly key: string) {}
}

/** A text with secrets in it. The program has it once, under this name. */
export class Text {
  constructor(
    readonly name: string,
    readonly parts: readonly (string | SecretNamed)[],
  ) {}
}

/** The SHA-256 of a text, in hexadecimal. */
export class DigestOf {
  constructor(readonly text: Text) {}
}

export type Value =
  | string
  | number
  | boolean
  | undefined
  | HostNamed
  | SecretNamed
  | Text
  | DigestOf
  | readonly Value[]
  | { readonly [property: string]: Value };

/** One resource or component of this package. */
export interface Declaration {
  readonly class: string;
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
  /** The names of declarations before this one that it depends on. */
  readonly after?: readonly string[];
  /** A remark above it. */
  readonly remark?: string;
}

/** A resource that a program registers: what the provider gets to see. */
export interface Registered {
  readonly kind: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What declarations register, and what a preview would warn of. */
export interface Registering {
  readonly registered: readonly Registered[];
  readonly warnings: readonly string[];
}

/** What the command needs of the SDK. */
export interface Sdk {
  /** The version of the package that has the command. */
  readonly version?: string;
  /** Registers the declarations against no engine. Throws as the classes do. */
  register(declarations: readonly Declaration[], secrets: Readonly<Record<string, string>>): Promise<Registering>;
}
