// A destination as Pulumi's engine has it: "weight 2, upperThreshold 100". One text for each destination costs the engine and the
// state a fraction of what an object of several values costs, and a preview still shows a line for each that changes.

type Values = Readonly<Record<string, unknown>>;

/** Destinations as texts. What is 0 or absent is left out, but for the weight. */
export function destinationTexts(destinations: Readonly<Record<string, Values>>): Record<string, string> {
  return mapped(destinations, (to) => {
    const said = Object.entries(to).filter(
      ([name, value]) => value !== undefined && (value !== 0 || name === "weight"),
    );
    return said
      .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(", ");
  });
}

/** Destinations of which some may be texts. A text that is none of ours stays one: the schema refuses it with its place. */
export function destinationValues(destinations: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return mapped(destinations, (to) => {
    const values = typeof to === "string" ? to.split(", ").map((one) => TEXT.exec(one)) : [];
    if (values.length === 0 || values.includes(null)) return to;
    const said = (values as RegExpExecArray[]).map(([, name, value = ""]) => [name, parsed(value)] as const);
    const read = new Map(said);
    return read.size < said.length || said.some(([, value]) => value === undefined) ? to : Object.fromEntries(read);
  });
}

const TEXT = /^(\w+) (\d+|\w+|\{.*\})$/;

/** Undefined of what is neither a word nor JSON, as "007". */
function parsed(text: string): unknown {
  if (!/^[\d{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mapped<From, To>(record: Readonly<Record<string, From>>, to: (one: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, one]) => [key, to(one)]));
}
