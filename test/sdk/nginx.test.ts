import { serverBlock, serverPage } from "../../sdk/sites/nginx";

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

test("a host without IPv6", () => {
  const tls = { certificate: "/a.crt", key: "/a.key" };
  const block = serverBlock({ server: "rs1", root: "/srv", ipv6: false, tls });
  expect(block.match(/listen .*/g)).toEqual(["listen 80 default_server;", "listen 443 ssl default_server;"]);
});

test("the page names the server, whatever it is called", () => {
  expect(serverPage("<b>&</b>")).toContain("<h1>&lt;b&gt;&amp;&lt;/b&gt;</h1>");
});

const application = { port: 8000, folders: { "/static/": "/srv/shop/current/app/static", "/media/": "/srv/media" } };

test("an application answers everything but the site's own pages and its folders", () => {
  const block = serverBlock({ server: "rs1", root: "/srv/lvs/shop", application });
  expect(block.match(/^ {2}location .*$/gm)).toEqual([
    "  location = /index.html {}",
    "  location = /ok.html {}",
    "  location /static/ {",
    "  location /media/ {",
    "  location / {",
  ]);
  expect(block).toContain('  location /static/ {\n    alias "/srv/shop/current/app/static/";\n    expires 1h;\n  }\n');
  const [, proxied = ""] = block.split("  location / {\n");
  expect(proxied.split("\n").slice(0, -3)).toEqual([
    "    proxy_pass http://127.0.0.1:8000;",
    "    proxy_http_version 1.1;",
    "    proxy_set_header Host $http_host;",
    "    proxy_set_header X-Forwarded-For $remote_addr;",
    "    proxy_set_header X-Forwarded-Proto $scheme;",
    "    proxy_hide_header X-Backend;",
    "    proxy_read_timeout 120s;",
  ]);
  // nginx drops the server's headers in a location that has a header of its own.
  expect(block.match(/add_header/g)).toHaveLength(1);
});
