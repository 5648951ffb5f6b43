import * as pulumi from "@pulumi/pulumi";

/** A value that the program knows now; undefined for a value that comes later. */
export function plain<T>(value: pulumi.Input<T> | undefined): T | undefined {
  return pulumi.Output.isInstance(value) || value instanceof Promise ? undefined : (value as T | undefined);
}
