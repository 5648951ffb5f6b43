import http from "node:http";
import type { AddressInfo } from "node:net";

/** The server that answers, by its name. "" closes the connection. A number is an HTTP status. */
export type Backend = string | number;

/** How a director chooses: by the number of the request, and by the client's address. */
export type Choice = (request: number, client: string) => Backend;

/** A director. A function chooses the server of each request. Of a list, the requests get the servers in turn. */
export class Site {
  connections = 0;
  requests = 0;
  constructor(
    readonly server: http.Server,
    choose: Choice,
  ) {
    server.on("connection", () => this.connections++);
    server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
      const backend = choose(this.requests++, request.socket.remoteAddress ?? "");
      if (backend === "") return void response.destroy();
      if (typeof backend === "number") return void response.writeHead(backend).end("sorry");
      response.writeHead(200, { "X-Backend": backend }).end("page\n".repeat(1000));
    });
  }
  get port() {
    return (this.server.address() as AddressInfo).port;
  }
  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }
}

const sites: Site[] = [];

export async function serve(choice: Backend[] | Choice, server: http.Server = http.createServer()): Promise<Site> {
  const site = new Site(
    server,
    typeof choice === "function" ? choice : (request) => choice[request % choice.length] ?? "",
  );
  sites.push(site);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return site;
}

export async function closeSites(): Promise<void> {
  for (const { server } of sites.splice(0)) await new Promise((closed) => server.close(closed));
}
