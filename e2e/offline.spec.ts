import { expect, openPage, test } from "./fixtures.ts";

test("the page opens without its server once it has been opened", async ({ page, context }) => {
  await openPage(page, "?backend=cpu");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await context.setOffline(true);
  const own: boolean[] = [];
  page.on("response", (response) => {
    if (/\.(js|css)$/.test(response.url())) own.push(response.fromServiceWorker());
  });
  await openPage(page, "?backend=cpu");
  await expect(page.getByRole("button", { name: "Try the demo movie" })).toBeVisible();
  expect(own.length).toBeGreaterThan(1);
  expect(own.every(Boolean)).toBe(true);
  await context.setOffline(false);
});
