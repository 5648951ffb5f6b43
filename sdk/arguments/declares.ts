import * as pulumi from "@pulumi/pulumi";
import { isNeeded } from "pulumi-lvs-provider/model";
import { refuse } from "./argument-error";

type Class = abstract new (...args: never[]) => object;

/**
 * A class by which a program declares something: `new Sysctl("forward", { … })`. A program in JavaScript may call it without
 * `new`, without a name or without arguments, and would get an exception from the middle of the constructor. This says what is
 * wrong before the constructor runs.
 */
export function declares<Made extends Class>(made: Made, _: ClassDecoratorContext<Made>): Made {
  // A parameter with a default does not count: `args` of `Host` may be left out.
  const least = made.length;
  // In a text it would be "[object Object]", and nobody would see where that comes from.
  Object.defineProperty(made.prototype, "toString", { value: () => `[a ${made.name} in the place of a text]` });
  return new Proxy(made, {
    apply(_target, _this, [name]: unknown[]) {
      const first = typeof name === "string" ? JSON.stringify(name) : "…";
      return refuse(declared(made, name), [
        { property: "new", reason: `is missing: write new ${made.name}(${first}, …)` },
      ]);
    },
    construct(target, given: unknown[], newTarget) {
      const [name, args] = given;
      if (typeof name !== "string" || name === "")
        refuse(made.name, [{ property: "name", reason: noName(made.name, name) }]);
      if (!isRecord(args) && (args !== undefined || least > 1))
        refuse(declared(made, name), [{ property: "args", reason: isNeeded(args, "an object { … }") }]);
      return Reflect.construct(target, given, newTarget);
    },
  });
}

function declared({ name: type }: Class, name: unknown): string {
  return typeof name === "string" ? `${type} "${name}"` : type;
}

function noName(type: string, name: unknown): string {
  if (comesLater(name))
    return "comes later, and a text that is known now is needed: give a name that the program has itself";
  return `${isNeeded(name === "" ? undefined : name, "a text")}: write new ${type}("shop", …)`;
}

function isRecord(value: unknown): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !comesLater(value);
}

function comesLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
