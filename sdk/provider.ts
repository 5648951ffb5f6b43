// The state of every resource names this entry point: it must stay.
export { provider } from "pulumi-lvs-provider";
