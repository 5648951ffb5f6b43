import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

/** The browser's own services are off, so every request comes from the site. */
const args = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/**
 * Starts Debian's Chromium with a new profile. Certificates are not verified.
 *
 * @param use what is done in the browser, which is closed afterwards
 */
export async function inBrowser(use: (context: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 1024 } });
    // The servers are emulated, on a machine that does other work as well.
    context.setDefaultTimeout(60_000);
    await use(context);
  } finally {
    await browser.close();
  }
}

/** What a browser requested, and the answers. */
export class Traffic {
  readonly origins = new Set<string>();
  /** The servers that answered, as they name themselves. */
  readonly servers = new Set<string>();
  readonly failures: string[] = [];

  constructor(context: BrowserContext) {
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== "data:") this.origins.add(origin);
    });
    context.on("response", (response) => {
      const server = response.headers()["x-backend"];
      if (server) this.servers.add(server);
      if (response.status() >= 400) this.failures.push(`${response.url()}: ${response.status()}`);
    });
    context.on("requestfailed", (request) =>
      this.failures.push(`${request.url()}: ${request.failure()?.errorText ?? "failed"}`),
    );
  }
}

/** Clicks, and waits until the next page and everything on it are loaded. */
export async function follow(page: Page, target: Locator): Promise<void> {
  await Promise.all([page.waitForEvent("load"), target.click()]);
}

/** The pictures of a page that the browser could not show. */
export function brokenPictures(page: Page): Promise<string[]> {
  return page
    .locator("img")
    .evaluateAll((found) =>
      (found as { naturalWidth: number; src: string }[]).filter((img) => !img.naturalWidth).map((img) => img.src),
    );
}
