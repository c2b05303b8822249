/** Debian's Chromium, headless, without anything that would reach for another host. */
import fs from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.BINNACLE_CHROMIUM ?? EXECUTABLES.find((file) => fs.existsSync(file));
  if (executablePath === undefined) {
    throw new Error(`no Chromium at ${EXECUTABLES.join(", ")}: run \`node tools/setup.mjs --test\``);
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What the page complained of: uncaught errors, console errors, refused or failed requests. */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return complaints;
}
