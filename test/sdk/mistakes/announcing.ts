import type { Mistake } from "./scene";

/** The daemons by which directors announce addresses, each by itself. */
export const announcing: readonly Mistake[] = [
  {
    mistake: "BIRD: a service that is none",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, services: ["web"] }),
    says: 'Bird "shop": services[0]: write a service like',
  },
  {
    mistake: "BIRD: an address with its prefix",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, addresses: ["10.9.0.9/32"] }),
    says: 'Bird "shop": addresses[0]: "10.9.0.9/32" ',
  },
  {
    mistake: "BIRD: one address in the place of the list",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, addresses: "10.9.0.9" }),
    says: 'Bird "shop": addresses: is a text, and a list is needed',
  },
  {
    mistake: "BIRD: an autonomous system that there is not",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, asn: 0 }),
    says: 'Bird "shop": asn: ',
  },
  {
    mistake: "BIRD: a router's number that is no address",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, routerId: "one" }),
    says: 'Bird "shop": routerId: "one" is no number of a router. Write it like 10.0.0.2',
  },
  {
    mistake: "BIRD: the router's number that stands for none",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, routerId: "0.0.0.0" }),
    says: 'Bird "shop": routerId: "0.0.0.0" is no number of a router. Write it like 10.0.0.2',
  },
  {
    mistake: "BIRD: a password with a quote",
    program: ({ Bird, bird }) =>
      new Bird("shop", { ...bird, neighbours: [{ address: "10.2.0.254", asn: 64512, password: 'a"b' }] }),
    says: 'Bird "shop": neighbours[0].password: has no "',
  },
  {
    mistake: "BIRD: one router twice",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, neighbours: [...bird.neighbours, ...bird.neighbours] }),
    says: 'Bird "shop": neighbours[1].address: 10.2.0.254 is declared twice',
  },
  {
    mistake: "BIRD: an announcement's name with a dash",
    program: ({ Bird, bird }) => new Bird("shop", { ...bird, announcement: "my-shop" }),
    says: 'Bird "shop": announcement: "my-shop" ',
  },
  {
    mistake: "keepalived: addresses as texts",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, addresses: ["10.2.0.9"] }),
    says: 'Keepalived "shop": addresses[0]: is a text, and an object is needed',
  },
  {
    mistake: "keepalived: the host as its own peer",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, peers: ["10.2.0.1"] }),
    says: 'Keepalived "shop": peers[0]: ',
  },
  {
    mistake: "keepalived: nobody to stand in",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, peers: [] }),
    says: 'Keepalived "shop": peers: ',
  },
  {
    mistake: "keepalived: a priority that only an owner has",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, priority: 255 }),
    says: 'Keepalived "shop": priority: ',
  },
  {
    mistake: "keepalived: a delay without preempt",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, preemptDelay: 10 }),
    says: 'Keepalived "shop": preemptDelay: ',
  },
  {
    mistake: "keepalived: a script as one line of the shell",
    program: ({ Keepalived, floating }) =>
      new Keepalived("shop", { ...floating, trackScripts: { web: { command: "curl localhost" } } }),
    says: 'Keepalived "shop": trackScripts.web.command: is a text, and a list is needed',
  },
  {
    mistake: "keepalived: a script without its path",
    program: ({ Keepalived, floating }) =>
      new Keepalived("shop", { ...floating, trackScripts: { web: { command: ["curl", "localhost"] } } }),
    says: 'Keepalived "shop": trackScripts.web.command: ',
  },
  {
    mistake: "keepalived: state MASTER",
    program: ({ Keepalived, floating }) => new Keepalived("shop", { ...floating, state: "MASTER" }),
    says: 'Keepalived "shop": state: there is no such property: ',
  },
];
