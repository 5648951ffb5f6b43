import { serverBlock, serverPage } from "../../sdk/nginx";

test("http alone", () => {
  expect(serverBlock({ server: "rs1", root: "/srv/lvs/site" })).toBe(`server {
  listen 80 default_server;
  listen [::]:80 default_server;
  server_name _;
  server_tokens off;
  root "/srv/lvs/site";
  lingering_close always;
  add_header X-Backend "rs1" always;
}
`);
});

test("https too", () => {
  const block = serverBlock({ server: "rs1", root: "/srv", tls: { certificate: "/a.crt", key: "/a.key" } });
  expect(block).toContain("  listen 443 ssl default_server;\n  listen [::]:443 ssl default_server;\n");
  expect(block).toContain('  ssl_certificate "/a.crt";\n  ssl_certificate_key "/a.key";\n');
});

test("the page names the server, whatever it is called", () => {
  expect(serverPage("<b>&</b>")).toContain("<h1>&lt;b&gt;&amp;&lt;/b&gt;</h1>");
});
