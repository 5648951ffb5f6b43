import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

/** The browser's own services stay off: whatever is requested is the site's doing. */
const args = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/**
 * Debian's Chromium, as somebody has it who starts it for the first time. Certificates are not verified.
 *
 * @param use what is done in it; afterwards it is gone
 */
export async function inBrowser(use: (context: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 1024 } });
    // The servers are emulated, on a machine that does other things besides.
    context.setDefaultTimeout(60_000);
    await use(context);
  } finally {
    await browser.close();
  }
}

/** What a browser asked for, and what it got. */
export class Traffic {
  readonly origins = new Set<string>();
  /** The servers that answered, by their own words. */
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

/** Clicks, and waits for the page that comes, with everything on it. */
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
