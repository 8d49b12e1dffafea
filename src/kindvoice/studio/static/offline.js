// The service worker of one order's listening page, for who has kept it on their device: it answers where there is no
// connection, with what the page asked for when it was kept, and goes when the order has gone. Nothing comes from
// elsewhere. Its scope is the order's own address.
"use strict";

const SCOPE = new URL("./", self.location.href).pathname;
const CACHE = "kindvoice:" + SCOPE;

async function forget() {
  await caches.delete(CACHE);
  await self.registration.unregister();
}

// A player asks for parts of a sound; what is kept is the whole.
async function partOf(answer, range) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range || "");
  if (!match) return answer;
  const whole = await answer.blob();
  const start = Number(match[1]);
  const end = Math.min(match[2] ? Number(match[2]) : whole.size - 1, whole.size - 1);
  if (start > end) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  return new Response(whole.slice(start, end + 1), {
    status: 206,
    headers: {
      "Accept-Ranges": "bytes",
      "Content-Length": String(end - start + 1),
      "Content-Range": `bytes ${start}-${end}/${whole.size}`,
      "Content-Type": answer.headers.get("Content-Type"),
    },
  });
}

async function answer(request) {
  // Not `open`, which would make it anew when it has gone.
  const kept = await caches.match(request.url, { cacheName: CACHE, ignoreVary: true });
  // What never changes under its address need not be fetched again; the page itself is, for it may be gone.
  if (kept && request.mode !== "navigate") return partOf(kept, request.headers.get("Range"));
  try {
    const fresh = await fetch(request);
    const own = new URL(request.url).pathname === SCOPE;
    if (own && request.mode === "navigate" && (fresh.status === 404 || fresh.redirected)) await forget();
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && !event.request.url.endsWith("/events")) event.respondWith(answer(event.request));
});
